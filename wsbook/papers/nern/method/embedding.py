"""Positional embedding of kernel coordinates (Ashkenazi et al. 2022, section 3; paper C, section 2).

An index p becomes sin(p b^k pi), cos(p b^k pi) for k = 0 .. 39 with b = 0.76. With b < 1 the
frequencies fall, so that neighbouring indices have similar embeddings. A coordinate (layer, filter,
channel) is the concatenation of its three embedded indices, 240 numbers.

The three indices take few values each (about 150 in all for a ResNet-20). A linear layer on the
embedding is therefore the sum of three rows of a small table: `Points` holds what is needed for that.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

LEVELS = 40
BASE = 0.76
WIDTH = 3 * 2 * LEVELS  # of an embedded coordinate


def embed_indices(indices: Tensor) -> Tensor:
    """Indices (n,) as (n, 80): sin, cos, sin, cos, ... of falling frequency."""
    frequencies = math.pi * BASE ** torch.arange(LEVELS, dtype=torch.float64, device=indices.device)
    angles = indices.double()[:, None] * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).float()


def embed(coordinates: Tensor) -> Tensor:
    """Coordinates (N, 3) as (N, 240) float32."""
    return embed_indices(coordinates.flatten()).view(len(coordinates), WIDTH)


@dataclass(frozen=True)
class Points:
    """Coordinates as rows of a table of distinct embedded indices.

    The embedding of point i is the sum of rows `entries[i]` of `table`, since each row is zero outside
    the third of its own axis.
    """

    table: Tensor  # (T, 240) float32
    entries: Tensor  # (N, 3) int64

    def __len__(self) -> int:
        return len(self.entries)


def points(coordinates: Tensor) -> Points:
    """The `Points` of coordinates (N, 3)."""
    blocks, entries, start = [], [], 0
    for axis in range(3):
        values, where = coordinates[:, axis].unique(return_inverse=True)
        blocks.append(embed_indices(values))
        entries.append(where + start)
        start += len(values)
    return Points(torch.block_diag(*blocks), torch.stack(entries, dim=1))
