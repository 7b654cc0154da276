"""Architectures of zoos: networks as weight vectors, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS, CNN_S, CNNSpec
from wsbook.weights.flatten import Shapes
from wsbook.weights.symmetry import Units, sequential
from wsbook.zoo import stacked
from wsbook.zoo.small import STACK, Task, initial_weights

BATCH = 64  # images at a time where all are looked at


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
        """Height and width of the grey images that it takes."""

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
    """Small CNNs, by the stacked forward pass of `wsbook.zoo.stacked`."""

    spec: CNNSpec
    stack = STACK

    @cached_property
    def shapes(self) -> Shapes:
        return self.spec.shapes

    @cached_property
    def units(self) -> Units:
        return sequential(self.shapes)

    @property
    def side(self) -> int:
        return self.spec.side

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


SPECS = {"cnn-s": CNN_S, "cnn-digits": CNN_DIGITS}


def network(name: str, activation: str) -> Network:
    """The architecture of that name.

    Raises
        StudyError: if there is none, or no such activation.
    """
    if name not in SPECS:
        raise StudyError(f"there is no zoo of networks {name!r}; choose one of {', '.join(SPECS)}.")
    if activation not in stacked.ACTIVATIONS:
        known = ", ".join(stacked.ACTIVATIONS)
        raise StudyError(f"there is no activation {activation!r}; choose one of {known}.")
    return StackedCNN(replace(SPECS[name], activation=activation))
