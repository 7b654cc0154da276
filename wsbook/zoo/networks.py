"""Architectures of zoos: networks as weight vectors, many at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS, CNN_S, CNNSpec, Conv
from wsbook.nets.projection import BasicBlock, ProjectionResNet
from wsbook.nets.transformer import TextTransformer, VisionTransformer
from wsbook.weights.flatten import Shapes
from wsbook.weights.symmetry import Units, sequential
from wsbook.zoo import stacked
from wsbook.zoo.functional import FunctionalNetwork
from wsbook.zoo.small import STACK, Task, initial_weights
from wsbook.zoo.texts import LETTERS
from wsbook.zoo.units import residual_units, transformer_units

BATCH = 64  # images at a time where all are looked at
CLASSES = 10
Sizes = tuple[int, ...]
OWN = "own"  # the activation that an architecture has by default


class Network(Protocol):
    """An architecture. Vectors hold what is trained; what else its function needs comes from the task."""

    @property
    def shapes(self) -> Shapes:
        """Parameter names and shapes, in the order of the vector."""

    @property
    def units(self) -> Units:
        """Hidden units that may change places."""

    @property
    def side(self) -> int:
        """Height and width of the images that it takes; of text, the number of characters."""

    @property
    def channels(self) -> int:
        """1 where it takes grey images, 3 where coloured ones, 0 where text."""

    @property
    def stack(self) -> int:
        """How many networks train best at once on a CPU core."""

    def initial(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Weight vectors (M, P) to start from, one a generator."""

    def logits(self, weights: Tensor, inputs: Tensor) -> Tensor:
        """Logits (M, B, classes) in training, of inputs (M, B, ...), or (1, B, ...) for all; differentiable."""

    def score(self, weights: Tensor, on: Task, part: str) -> tuple[Tensor, Tensor]:
        """Accuracies and mean cross-entropies (M,), float64, on a part of a task: train, val or test."""

    def decisions(self, weights: Tensor, on: Task, part: str) -> Tensor:
        """The classes (M, N) that networks choose for the inputs of a part."""


@dataclass(frozen=True)
class StackedCNN:
    """Small CNNs, or perceptrons without convolutions, by the stacked pass of `wsbook.zoo.stacked`."""

    spec: CNNSpec
    stack: int = STACK

    @cached_property
    def shapes(self) -> Shapes:
        return self.spec.shapes

    @cached_property
    def units(self) -> Units:
        return sequential(self.shapes)

    @property
    def side(self) -> int:
        return self.spec.side

    @property
    def channels(self) -> int:
        return self.spec.channels

    def initial(self, generators: Sequence[torch.Generator]) -> Tensor:
        return initial_weights(self.spec, generators)

    def logits(self, weights: Tensor, inputs: Tensor) -> Tensor:
        return stacked.logits(self.spec, weights, inputs)

    def score(self, weights: Tensor, on: Task, part: str) -> tuple[Tensor, Tensor]:
        return stacked.score(self.spec, weights, *getattr(on, part))

    def decisions(self, weights: Tensor, on: Task, part: str) -> Tensor:
        inputs, _ = getattr(on, part)
        with torch.inference_mode():
            parts = [self.logits(weights, x[None]).argmax(2) for x in inputs.split(BATCH)]
        return torch.cat(parts, dim=1)


def _cnn(spec: CNNSpec, stack: int, activation: str) -> StackedCNN:
    return StackedCNN(replace(spec, activation=activation), stack)


def _resnet(side: int, channels: int, blocks: Sizes, widths: Sizes, activation: str) -> FunctionalNetwork:
    if activation != "relu":
        raise StudyError(f"the activation of a ResNet is relu, not {activation}.")
    arguments = (BasicBlock, blocks, widths, CLASSES, channels)
    return FunctionalNetwork(ProjectionResNet, arguments, residual_units, side, channels)


def _vit(side: int, patch: int, sizes: Sizes, activation: str) -> FunctionalNetwork:
    arguments = (side, patch, 1, *sizes, CLASSES, activation)
    return FunctionalNetwork(VisionTransformer, arguments, transformer_units, side, channels=1)


def _text(length: int, sizes: Sizes, activation: str) -> FunctionalNetwork:
    arguments = (len(LETTERS), length, *sizes, CLASSES, activation)
    return FunctionalNetwork(TextTransformer, arguments, transformer_units, length, channels=0)


CNN_L = CNNSpec(32, 3, (Conv(16, 3, 2), Conv(32, 3, 2), Conv(15, 3, 2)), (20,))  # of the zoos' literature
MLP, MLP_DIGITS = CNNSpec(28, 1, (), (12, 12)), CNNSpec(8, 1, (), (20, 20))
# Of each architecture its own activation, and what makes it for any; its number of weights beside.
# Sizes of a ResNet: blocks and widths of its stages; of a transformer: width, heads, hidden units, blocks.
NETWORKS: dict[str, tuple[str, Callable[[str], Network]]] = {
    "cnn-s": ("tanh", partial(_cnn, CNN_S, STACK)),  # 2,464
    "cnn-l": ("tanh", partial(_cnn, CNN_L, 4)),  # 10,853
    "cnn-digits": ("tanh", partial(_cnn, CNN_DIGITS, STACK)),  # 1,666
    "mlp": ("relu", partial(_cnn, MLP, STACK)),  # 9,706
    "mlp-digits": ("relu", partial(_cnn, MLP_DIGITS, STACK)),  # 1,930
    "resnet-small": ("relu", partial(_resnet, 28, 1, (1, 1, 1), (8, 16, 32))),  # 19,810
    "resnet-digits": ("relu", partial(_resnet, 8, 1, (1, 1), (8, 16))),  # 5,122
    "resnet18": (
        "relu",
        partial(_resnet, 32, 3, (2, 2, 2, 2), (64, 128, 256, 512)),
    ),  # 11,173,962; for GPUs
    "vit-small": ("gelu", partial(_vit, 28, 7, (32, 4, 64, 2))),  # 19,402
    "vit-digits": ("gelu", partial(_vit, 8, 2, (16, 2, 32, 1))),  # 2,714
    "text-small": ("gelu", partial(_text, 32, (20, 2, 40, 1))),  # 4,810
}


def network(name: str, activation: str = OWN) -> Network:
    """The architecture of that name, with its own activation or another one.

    Raises
        StudyError: if there is none, or no such activation, or the architecture cannot have it.
    """
    if name not in NETWORKS:
        raise StudyError(f"there is no zoo of networks {name!r}; choose one of {', '.join(NETWORKS)}.")
    known = (OWN, *stacked.ACTIVATIONS)
    if activation not in known:
        raise StudyError(f"there is no activation {activation!r}; choose one of {', '.join(known)}.")
    own, make = NETWORKS[name]
    return make(own if activation == OWN else activation)
