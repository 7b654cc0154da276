"""All convolution kernels of a network in one 3x3 frame.

The predictor of a network's weights (Ashkenazi et al. 2022) maps the coordinate (layer, filter,
channel) of a kernel to nine numbers, in raster order. A 1x1 kernel takes the one in the centre.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from wsbook.errors import StudyError

State = Mapping[str, Tensor]
CENTRE = 4  # place of a 1x1 kernel in its 3x3 frame


@dataclass(frozen=True)
class Framed:
    """Kernels layer by layer, filter by filter, channel by channel; `layers[coordinates[i, 0]]` holds row i."""

    values: Tensor  # (N, 9) float32, zero where absent
    present: Tensor  # (N, 9) bool: which of the nine are weights of the network
    coordinates: Tensor  # (N, 3) int64: layer, filter (output channel), channel (input channel), from 0
    layers: tuple[str, ...]  # names in the state dict

    @cached_property
    def counts(self) -> list[int]:
        """Number of kernels in each layer; rows of a layer are contiguous."""
        return self.coordinates[:, 0].bincount(minlength=len(self.layers)).tolist()

    @cached_property
    def weights(self) -> int:
        """Number of weights of the network in the frame."""
        return int(self.present.sum())

    @cached_property
    def shapes(self) -> dict[str, torch.Size]:
        """Shape (filters, channels, k, k) of each layer, read off its last kernel."""
        last = torch.tensor(self.counts).cumsum(0).to(self.coordinates.device) - 1
        sides = self.present[last, 0].long() * 2 + 1  # a 1x1 kernel has no corner
        rows = torch.cat([self.coordinates[last, 1:] + 1, sides[:, None], sides[:, None]], dim=1)
        return {name: torch.Size(row) for name, row in zip(self.layers, rows.tolist())}


def framed(state: State, layers: Sequence[str] | None = None) -> Framed:
    """The kernels of `layers`, in that order; without `layers`, of every 4-D tensor of `state`, in its order.

    Raises
        StudyError: if a layer is unknown or no convolution, or if its kernels are neither 1x1 nor 3x3.
    """
    convolutions = [name for name, tensor in state.items() if tensor.dim() == 4]
    names = tuple(convolutions if layers is None else layers)
    unknown = [name for name in names if name not in convolutions]
    if unknown or not names:
        raise StudyError(
            f"this network has no convolution named {', '.join(unknown) or 'at all'}; "
            f"choose among {', '.join(convolutions) or 'the layers of another network'}."
        )
    parts = [_part(name, number, state[name]) for number, name in enumerate(names)]
    return Framed(*(torch.cat(tensors) for tensors in zip(*parts)), names)


def weights_of(frame: Framed, state: State, values: Tensor) -> dict[str, Tensor]:
    """The weights that `values` (N, 9) give to the layers of `frame`, shaped and typed as in `state`.

    They are views of `values` as long as type and device agree, and gradients flow back to it:
    pass them to `torch.func.functional_call`.

    Raises
        StudyError: if `values`, or a layer of `state`, has another shape than in `frame`.
    """
    if values.shape != frame.values.shape:
        raise StudyError(
            f"values of shape {tuple(values.shape)} cannot replace kernels of shape "
            f"{tuple(frame.values.shape)}; give nine numbers a kernel."
        )
    weights = {}
    for (name, shape), part in zip(frame.shapes.items(), values.split(frame.counts)):
        if name not in state or state[name].shape != shape:
            raise StudyError(
                f"layer {name} of this network does not have the shape {tuple(shape)} that it has in the frame; "
                "frame this network itself."
            )
        kernel = part if shape[-1] == 3 else part[:, CENTRE]
        weights[name] = kernel.reshape(shape).to(state[name])
    return weights


def unframed(state: State, frame: Framed, values: Tensor) -> dict[str, Tensor]:
    """A copy of `state` whose kernels are `values` (N, 9), in the order of `frame`.

    With the values of the frame it is `state`, bit for bit (weights of more than 32 bits are rounded).

    Raises
        StudyError: as `weights_of`.
    """
    replaced = weights_of(frame, state, values)
    return {name: replaced.get(name, tensor).clone() for name, tensor in state.items()}


def _part(name: str, number: int, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Values, presence and coordinates of one layer."""
    filters, channels, height, width = weight.shape
    if (height, width) not in ((1, 1), (3, 3)):
        raise StudyError(
            f"layer {name} has {height}x{width} kernels, but only 1x1 and 3x3 fit the frame; "
            "leave it out of the layers."
        )
    axes = (torch.arange(n, device=weight.device) for n in (filters, channels))
    grid = torch.cartesian_prod(*axes)
    places = slice(None) if height == 3 else slice(CENTRE, CENTRE + 1)
    values = torch.zeros(len(grid), 9, device=weight.device)
    values[:, places] = weight.detach().reshape(len(grid), -1).float()
    present = torch.zeros_like(values, dtype=torch.bool)
    present[:, places] = True
    return values, present, torch.cat([torch.full_like(grid[:, :1], number), grid], dim=1)
