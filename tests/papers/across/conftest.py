"""A small network with random weights, and jobs on it."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from wsbook.data.imageset import ImageSet, standardise
from wsbook.nets import library
from wsbook.nets.originals import Original
from wsbook.nets.resnet import ResNet
from wsbook.nets.train import initialise
from wsbook.papers.across.method import predictors
from wsbook.papers.across.method.job import Job
from wsbook.papers.across.setting import Rate
from wsbook.papers.nern.method.predictor import Predictor, vector_of


@dataclass(frozen=True)
class Toy(Original):
    """An original for random 8 x 8 images of two channels; neighbouring pixels are alike."""

    def images(self, part: str) -> ImageSet:
        generator = torch.Generator().manual_seed(1)
        rough = torch.randint(256, (40, 2, 4, 4), generator=generator).float()
        pixels = (
            nn.functional.interpolate(rough, scale_factor=2, mode="bilinear").byte().permute(0, 2, 3, 1)
        )
        return ImageSet(pixels, torch.arange(40) % 5, tuple("abcde"), f"images of {part}")

    def inputs(self, part: str) -> tuple[Tensor, Tensor]:
        images = self.images(part)
        return standardise(images.images, self.mean, self.std), images.labels


@pytest.fixture
def toy(monkeypatch) -> Toy:
    """A ResNet of depth 8 with 210 kernels, its batch normalisation anything but the identity."""
    build = library.Entry(lambda classes, channels: ResNet(8, classes, channels, (4, 6, 8)))
    monkeypatch.setitem(library.NETWORKS, "toy", build)
    generator = torch.Generator().manual_seed(0)
    net = initialise(build.build(5, 2), generator).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.copy_(torch.rand(module.weight.shape, generator=generator) + 0.5)
            module.bias.data.copy_(torch.randn(module.bias.shape, generator=generator))
            module.running_mean.copy_(torch.randn(module.bias.shape, generator=generator))
            module.running_var.copy_(torch.rand(module.bias.shape, generator=generator) + 0.5)
    return Toy("toy", "toy", "none", net, (0.5, 0.4), (0.25, 0.3), augmented=True)


@pytest.fixture
def job(toy, monkeypatch):
    """A function from parameters of a setting to a job on the toy; its predictors are drawn and not trained."""

    def drawn(setting, seed, device):
        predictor = Predictor(setting.hidden, torch.Generator().manual_seed(seed))
        return vector_of(list(predictor.parameters())).half().float()

    monkeypatch.setattr(predictors, "trained", drawn)

    def make(seed: int = 0, **knobs) -> Job:
        return Job(toy, Rate(network="resnet8-digits", **knobs), seed)

    return make
