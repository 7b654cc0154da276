"""Toy originals with images, and plain versions of what wsbook.papers.nern does fast."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from wsbook.data.imageset import ImageSet, standardise
from wsbook.nets import library, originals
from wsbook.nets.originals import Original
from wsbook.nets.projection import BasicBlock, ProjectionResNet
from wsbook.nets.resnet import ResNet
from wsbook.nets.train import initialise
from wsbook.papers.nern.measures import robust, rounds
from wsbook.papers.nern.method import network
from wsbook.papers.nern.method.embedding import points
from wsbook.papers.nern.method.predictor import Predictor
from wsbook.papers.nern.method.reconstruction import Targets


@pytest.fixture(autouse=True)
def one_thread():
    """Bitwise equality is promised for one number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@dataclass(frozen=True)
class Toy(Original):
    """An original for random 8 x 8 images of two channels: 30 to train, 20 to validate, 25 to test."""

    def images(self, part: str) -> ImageSet:
        count = {"train": 30, "val": 20, "test": 25}[part]
        generator = torch.Generator().manual_seed(count)
        pixels = torch.randint(256, (count, 8, 8, 2), generator=generator, dtype=torch.uint8)
        labels = torch.randint(5, (count,), generator=generator)
        return ImageSet(pixels, labels, tuple("abcde"), f"images of {part}")

    def inputs(self, part: str) -> tuple[Tensor, Tensor]:
        images = self.images(part)
        # Contiguous: oneDNN's backward pass of strided 1x1 convolutions overruns its memory where
        # fewer than eight channels lie last, as these networks' would.
        return standardise(images.images, self.mean, self.std).contiguous(), images.labels


def toy_net(classes: int, channels: int) -> nn.Module:
    """A ResNet of depth 8 with 1x1 shortcuts: 170 kernels, 40 of them 1x1."""
    return ProjectionResNet(BasicBlock, (1, 1, 1), (2, 4, 8), classes, channels)


def toy_of(build: Callable[[int, int], nn.Module], monkeypatch) -> Toy:
    """An original of that architecture, its batch normalisation anything but the identity."""
    monkeypatch.setitem(library.NETWORKS, "toy", library.Entry(build))
    generator = torch.Generator().manual_seed(0)
    net = initialise(build(5, 2), generator).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.copy_(torch.rand(module.weight.shape, generator=generator) + 0.5)
            module.bias.data.copy_(torch.randn(module.bias.shape, generator=generator))
            module.running_mean.copy_(torch.randn(module.bias.shape, generator=generator))
            module.running_var.copy_(torch.rand(module.bias.shape, generator=generator) + 0.5)
    return Toy("toy", "toy", "none", net, (0.5, 0.4), (0.25, 0.3), augmented=True)


@pytest.fixture
def toy(monkeypatch) -> Toy:
    """The toy original with 1x1 kernels."""
    return toy_of(toy_net, monkeypatch)


@pytest.fixture
def named_toy(own_shelf, monkeypatch) -> Toy:
    """A toy that is found by its name; nothing is left from other tests.

    It has no 1x1 kernels: its images lie channels last, see `Toy.inputs`.
    """
    toy = toy_of(lambda classes, channels: ResNet(8, classes, channels, (2, 4, 8)), monkeypatch)
    monkeypatch.setitem(originals.ORIGINALS, "toy", lambda name: toy)
    caches = (
        originals.original,
        rounds.target,
        robust.original_robust_accuracy,
        network.original_accuracy,
    )
    for cached in caches:
        cached.cache_clear()
    yield toy
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def toy_targets(toy) -> Targets:
    """The toy's kernels at their plain coordinates."""
    frame = toy.frame
    return Targets(frame.values, frame.present, points(frame.coordinates))


@pytest.fixture
def handmade():
    """A function that makes targets of 3 layers without a network: smooth in the coordinates, and noise.

    The last `ones` kernels are 1x1.
    """

    def make(filters: int = 5, channels: int = 4, ones: int = 0) -> Targets:
        coordinates = torch.cartesian_prod(*map(torch.arange, (3, filters, channels)))
        generator = torch.Generator().manual_seed(1)
        noise = torch.randn(len(coordinates), 9, generator=generator)
        values = 0.1 * (torch.sin(coordinates.sum(1, keepdim=True) + torch.arange(9)) + 0.3 * noise)
        present = torch.ones(values.shape, dtype=torch.bool)
        present[len(values) - ones :] = torch.arange(9) == 4
        return Targets(values * present, present, points(coordinates))

    return make


@pytest.fixture
def sequential():
    """A function from a predictor to the same network as torch writes it, in copies of its layers."""

    def make(predictor: Predictor) -> nn.Sequential:
        first, *others = copy.deepcopy(list(predictor))
        return nn.Sequential(first, *(m for layer in others for m in (nn.ReLU(), layer)))

    return make


class PlainRanger:
    """Ranger as its authors describe it, one parameter after the other, in double precision."""

    def __init__(self, parameters: list[Tensor], lr: float):
        self.lr, self.steps = lr, 0
        self.weights = [p.detach().double() for p in parameters]
        self.slow = [w.clone() for w in self.weights]
        self.first = [torch.zeros_like(w) for w in self.weights]
        self.second = [torch.zeros_like(w) for w in self.weights]

    def step(self, gradients: list[Tensor]) -> None:
        """Rectified Adam (Liu et al. 2019, algorithm 2) on centred gradients, then lookahead."""
        beta1, beta2, eps, decay = 0.5, 0.999, 1e-5, 1e-3
        self.steps += 1
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * self.steps * beta2**self.steps / (1 - beta2**self.steps)
        for i, gradient in enumerate(gradients):
            g = gradient.double().clone()
            if g.dim() == 2:
                for row in g:
                    row -= row.mean()
            self.first[i] = beta1 * self.first[i] + (1 - beta1) * g
            self.second[i] = beta2 * self.second[i] + (1 - beta2) * g**2
            move = self.first[i] / (1 - beta1**self.steps)
            if length > 5:
                variance = (longest - 4) * (longest - 2) * length
                rectified = math.sqrt((length - 4) * (length - 2) * longest / variance)
                move = move * rectified * math.sqrt(1 - beta2**self.steps) / (self.second[i].sqrt() + eps)
            self.weights[i] = self.weights[i] * (1 - self.lr * decay) - self.lr * move
            if self.steps % 6 == 0:
                self.slow[i] = self.slow[i] + 0.5 * (self.weights[i] - self.slow[i])
                self.weights[i] = self.slow[i].clone()


@pytest.fixture
def plain_ranger() -> type[PlainRanger]:
    """The class of plain Rangers."""
    return PlainRanger


class Interrupted(Exception):
    """Stands for whatever ends a run."""


@pytest.fixture
def interrupted() -> type[Interrupted]:
    """The class of the exception."""
    return Interrupted


@pytest.fixture
def stop_after():
    """A function that makes a `progress` which ends the run before a step of that number."""

    def make(number: int):
        def progress(steps):
            for step in steps:
                if step == number:
                    raise Interrupted
                yield step

        return progress

    return make
