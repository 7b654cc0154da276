"""What a method is given to write, and to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from wsbook.nets.library import network
from wsbook.nets.originals import Original
from wsbook.papers.across.setting import Rate

Shapes = dict[str, torch.Size]


@dataclass(frozen=True)
class Job:
    """A network to write, in a given way."""

    source: Original
    setting: Rate
    seed: int

    @cached_property
    def generator(self) -> torch.Generator:
        """For all that is drawn on the way."""
        return torch.Generator().manual_seed(self.seed)

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        """The weights (cout, cin, k, k) of the convolutions, by name."""
        return convolutions(self.source.net.state_dict())

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes of the convolutions."""
        return {name: weight.shape for name, weight in self.weights.items()}


def convolutions(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The 4-D tensors of a state dict."""
    return {name: tensor for name, tensor in state.items() if tensor.dim() == 4}


def blank(architecture: str, classes: int, channels: int) -> dict[str, Tensor]:
    """A state dict without values, for its names and shapes."""
    with torch.device("meta"):
        return network(architecture, classes, channels).state_dict()


def matrix_shapes(shapes: Shapes) -> list[tuple[int, int]]:
    """(cout, cin * k * k) of each convolution."""
    return [(shape[0], shape[1:].numel()) for shape in shapes.values()]


def shaped(matrices: list[Tensor], shapes: Shapes) -> dict[str, Tensor]:
    """Matrices (cout, cin * k * k) as weights by name."""
    return {name: matrix.reshape(shape) for (name, shape), matrix in zip(shapes.items(), matrices)}
