"""Rows of numbers on uniform grids of 2^bits levels around 0, a step a row.

A number is step * (level + 1/2 - 2^(bits - 1)), level = 0 .. 2^bits - 1: there is no level for 0 itself, which wastes
none at few bits. A row's step is the one of least squared error among some shares of its largest magnitude.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.papers.across.method import entropy, floats
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.weights.codecs import CLIPS

SMALLEST = 1e-30  # magnitude that a row of zeros is taken to have


@dataclass(frozen=True)
class Rounded:
    """Rows on their grids."""

    levels: Tensor  # (r, n) int64, 0 to 2^bits - 1
    steps: Tensor  # (r,) float32, exact in bfloat16
    bits: int

    @property
    def values(self) -> Tensor:
        """The numbers (r, n)."""
        return on_grid(self.levels, self.steps[:, None], self.bits)


def on_grid(levels: Tensor, steps: Tensor, bits: int) -> Tensor:
    """The numbers of levels with steps that broadcast to them."""
    return (levels + (0.5 - 2 ** (bits - 1))) * steps


def nearest(rows: Tensor, steps: Tensor, bits: int) -> Tensor:
    """The nearest levels, int64, of numbers with steps that broadcast to them."""
    return ((rows / steps).floor() + 2 ** (bits - 1)).clamp(0, 2**bits - 1).long()


def fitted_steps(rows: Tensor, bits: int, counted: Tensor | None = None) -> Tensor:
    """Steps (r,) for rows (r, n); `counted` (r, n) bool says which numbers will be on the grid."""
    weight = torch.ones_like(rows) if counted is None else counted.to(rows)
    largest = (rows.abs() * weight).amax(1).clamp_min(SMALLEST)
    best, least = torch.ones_like(largest), torch.full_like(largest, torch.inf)
    for clip in CLIPS.tolist():
        steps = (largest * (clip / 2 ** (bits - 1))).bfloat16().to(rows)
        values = on_grid(nearest(rows, steps[:, None], bits), steps[:, None], bits)
        error = ((values - rows).square() * weight).sum(1)
        better = error < least
        best, least = torch.where(better, steps, best), torch.where(better, error, least)
    return best


def round_rows(rows: Tensor, bits: int) -> Rounded:
    """Rows (r, n) on their fitted grids, each number at the nearest level."""
    steps = fitted_steps(rows, bits)
    return Rounded(nearest(rows, steps[:, None], bits), steps, bits)


def write(writer: Writer, matrices: Sequence[Rounded]) -> None:
    """Matrices of one number of bits: the levels of all with one histogram, then the steps."""
    levels = torch.cat([matrix.levels.flatten() for matrix in matrices])
    entropy.write(writer, levels, 2 ** matrices[0].bits)
    floats.write(writer, torch.cat([matrix.steps for matrix in matrices]), torch.bfloat16)


def read(reader: Reader, shapes: Sequence[tuple[int, int]], bits: int) -> list[Tensor]:
    """The matrices of numbers (r, n) that `write` wrote; `shapes` holds (r, n) of each."""
    sizes = [rows * columns for rows, columns in shapes]
    levels = entropy.read(reader, sum(sizes), 2**bits).split(sizes)
    steps = floats.read(reader, (sum(rows for rows, _ in shapes),), torch.bfloat16)
    parts = zip(levels, steps.split([rows for rows, _ in shapes]), shapes)
    return [on_grid(level.reshape(shape), step[:, None], bits) for level, step, shape in parts]
