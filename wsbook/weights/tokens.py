"""Networks as sequences of tokens (SANE, Schürholt et al. 2024, section 3; paper B, section 3).

Each weight tensor is written as one row for each output channel, with the bias as its last column. A row is
padded with zeros to a multiple of the token size and cut; a mask tells weights from padding. A token's
position is its place in the sequence, its layer and its output channel.

All of this is decided by the shapes alone: a `Layout` is one table of indices into the weight vector, so that
populations of networks become tokens, and networks again, by one gather.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.weights.flatten import Shapes


@dataclass(frozen=True)
class Layout:
    """Where the weights of one architecture stand in its T tokens of D numbers."""

    index: Tensor  # (T, D) int64: places in the weight vector (P,); P where there is padding
    positions: Tensor  # (T, 3) int64: place in the sequence, layer, output channel
    weights: int  # P

    @cached_property
    def mask(self) -> Tensor:
        """(T, D) bool: which numbers are weights."""
        return self.index < self.weights

    @cached_property
    def places(self) -> Tensor:
        """(P,) int64: where in the flattened tokens each weight stands."""
        where = torch.empty(self.weights, dtype=torch.long)
        flat = self.mask.flatten().nonzero().squeeze(1)
        where[self.index.flatten()[flat]] = flat
        return where


def layout(shapes: Shapes, size: int) -> Layout:
    """The layout of networks with these parameters, in tokens of `size` numbers.

    Raises
        StudyError: if the size is not positive, or there are no weights.
    """
    if size <= 0:
        raise StudyError(f"the size of a token must be positive, not {size}.")
    if not shapes:
        raise StudyError("a network without weights has no tokens; name its parameters.")
    total = sum(math.prod(shape) for shape in shapes.values())
    blocks = [_rows(row, size, total) for row in _layers(shapes)]
    layers = [torch.full((len(b) * b.shape[1],), number) for number, b in enumerate(blocks)]
    channels = [torch.arange(len(b)).repeat_interleave(b.shape[1]) for b in blocks]
    index = torch.cat([block.flatten(0, 1) for block in blocks])
    order = torch.arange(len(index))
    return Layout(index, torch.stack([order, torch.cat(layers), torch.cat(channels)], dim=1), total)


def tokens(vectors: Tensor, at: Layout) -> Tensor:
    """Weight vectors (..., P) as tokens (..., T, D), zero where there is padding.

    Raises
        StudyError: if the vectors belong to another architecture.
    """
    if vectors.shape[-1] != at.weights:
        raise StudyError(
            f"a vector of {vectors.shape[-1]} weights does not fit a layout of {at.weights}; "
            "check that it belongs to this architecture."
        )
    padded = torch.nn.functional.pad(vectors, (0, 1))
    return padded[..., at.index.to(vectors.device)]


def untokened(values: Tensor, at: Layout) -> Tensor:
    """Tokens (..., T, D) as weight vectors (..., P); padding is dropped.

    Raises
        StudyError: if the tokens have another shape than those of the layout.
    """
    if values.shape[-2:] != at.index.shape:
        raise StudyError(
            f"tokens of shape {tuple(values.shape[-2:])} do not fit a layout of {tuple(at.index.shape)}; "
            "check that they belong to this architecture."
        )
    return values.flatten(-2)[..., at.places.to(values.device)]


def _layers(shapes: Shapes) -> list[Tensor]:
    """For each layer the places (channels, weights a channel) of its weights in the vector."""
    rows: dict[str, list[Tensor]] = {}
    start = 0
    for name, shape in shapes.items():
        count = math.prod(shape)
        channels = shape[0] if shape else 1
        places = torch.arange(start, start + count).view(channels, -1)
        layer, _, kind = name.rpartition(".")
        belongs = kind == "bias" and layer in rows and len(rows[layer][0]) == channels
        rows.setdefault(layer if belongs or kind == "weight" else name, []).append(places)
        start += count
    return [torch.cat(parts, dim=1) for parts in rows.values()]


def _rows(places: Tensor, size: int, padding: int) -> Tensor:
    """Places (channels, n) as tokens (channels, ceil(n / size), size), padded at the end of each row."""
    short = -places.shape[1] % size
    return torch.nn.functional.pad(places, (0, short), value=padding).unflatten(1, (-1, size))
