"""The square kernels of a convolutional network as rows of one matrix, and back."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Kernels:
    """All kernels of one size. Row i lies in filter `coordinates[i, 1]`, channel `coordinates[i, 2]`
    of the layer named `layers[coordinates[i, 0]]`."""

    values: Tensor  # (N, size * size), one kernel a row, raster order
    coordinates: Tensor  # (N, 3) int64: layer, filter (output channel), channel (input channel)
    layers: tuple[str, ...]  # names in the state dict, in the network's order
    size: int  # height and width of a kernel

    @property
    def counts(self) -> list[int]:
        """Number of kernels in each layer; rows of a layer are contiguous."""
        return self.coordinates[:, 0].bincount(minlength=len(self.layers)).tolist()


def kernels(state: State, size: int = 3) -> Kernels:
    """The size x size kernels of a state dict, layer by layer, filter by filter, channel by channel.

    Raises
        StudyError: if there is no such kernel.
    """
    found = {k: w for k, w in state.items() if w.dim() == 4 and w.shape[2:] == (size, size)}
    if not found:
        raise StudyError(f"this network has no {size}x{size} kernels; choose another kernel size.")
    coordinates = []
    for number, weight in enumerate(found.values()):
        grid = torch.cartesian_prod(*(torch.arange(n, device=weight.device) for n in weight.shape[:2]))
        coordinates.append(torch.cat([torch.full_like(grid[:, :1], number), grid], dim=1))
    values = torch.cat([weight.reshape(-1, size * size) for weight in found.values()])
    return Kernels(values, torch.cat(coordinates), tuple(found), size)


def with_kernels(state: State, which: Kernels, values: Tensor) -> dict[str, Tensor]:
    """A copy of `state` whose kernels are `values` (N, size * size), in the order of `which`.

    Raises
        StudyError: if the shape of `values` is not that of `which.values`.
    """
    if values.shape != which.values.shape:
        raise StudyError(
            f"values of shape {tuple(values.shape)} cannot replace kernels of shape "
            f"{tuple(which.values.shape)}; give one row a kernel."
        )
    copy = {name: tensor.clone() for name, tensor in state.items()}
    for name, part in zip(which.layers, values.split(which.counts)):
        copy[name] = part.reshape(state[name].shape).to(state[name])
    return copy
