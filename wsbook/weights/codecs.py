"""Lossy storage of kernels by standard means, with every bit counted.

A codec turns kernels (N, d), grouped by layer, into a reconstruction and the number of bits that
storing it takes: indices, quantised coefficients, quantiser steps, codebooks. Numbers of a codebook
or basis are rounded to float16 and cost 16 bits; a quantiser step costs 32.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError

CODEBOOK_BITS = 16
STEP_BITS = 32
LLOYD_ITERATIONS = 25
CLIPS = torch.linspace(0.1, 1, 37)  # shares of the largest magnitude tried as a quantiser's range


@dataclass(frozen=True)
class Coded:
    """A reconstruction and what storing it costs."""

    values: Tensor  # (N, d)
    bits: float  # in all


def quantise(values: Tensor, bits: int) -> Tensor:
    """Columns of values (N, c) rounded to 2^bits evenly spaced levels around 0 (half steps; 0 is none).

    Each column's step, of `STEP_BITS`, is the one of least squared error among the `CLIPS`.

    Raises
        StudyError: unless 2 <= bits <= 16.
    """
    if not 2 <= bits <= 16:
        raise StudyError(f"a quantiser needs 2 to 16 bits a number, not {bits}.")
    half_levels = 2 ** (bits - 1)
    largest = values.abs().amax(0).clamp_min(torch.finfo(values.dtype).tiny)
    best, least = torch.zeros_like(values), torch.full_like(largest, torch.inf)
    for clip in CLIPS.tolist():
        step = largest * (clip / half_levels)
        level = (values / step).floor_().clamp_(-half_levels, half_levels - 1)
        rounded = level.add_(0.5).mul_(step)
        error = (rounded - values).square().sum(0)
        better = error < least
        best, least = torch.where(better, rounded, best), torch.where(better, error, least)
    return best


def half(values: Tensor) -> Tensor:
    """Values rounded to float16, as stored in codebooks."""
    return values.half().to(values.dtype)


def low_rank(values: Tensor, rank: int, bits: int) -> Coded:
    """Truncated SVD of the (N, d) matrix: `rank` quantised coefficients a kernel and a shared basis."""
    basis = half(torch.linalg.svd(values, full_matrices=False).Vh[:rank])
    coefficients = quantise(values @ torch.linalg.pinv(basis), bits)
    stored = coefficients.numel() * bits + rank * STEP_BITS + basis.numel() * CODEBOOK_BITS
    return Coded(coefficients @ basis, stored)


def layer_low_rank(values: Tensor, shapes: Sequence[tuple[int, int]], share: float, bits: int) -> Coded:
    """Truncated SVD of every layer's (filters, channels * d) matrix, both factors quantised.

    `shapes` holds (filters, channels) of each layer, `share` the part of its full rank that a layer
    keeps (rounded, at least 1).
    """
    d, parts, stored = values.shape[1], [], 0
    for (filters, channels), part in zip(shapes, values.split([f * c for f, c in shapes])):
        matrix = part.reshape(filters, channels * d)
        rank = max(1, round(share * min(matrix.shape)))
        u, s, vh = torch.linalg.svd(matrix, full_matrices=False)
        root = s[:rank].sqrt()
        left, right = quantise(u[:, :rank] * root, bits), quantise(vh[:rank].T * root, bits)
        parts.append((left @ right.T).reshape(-1, d))
        stored += rank * (sum(matrix.shape) * bits + 2 * STEP_BITS)
    return Coded(torch.cat(parts), stored)


def vector_codebook(values: Tensor, size: int, generator: torch.Generator) -> Coded:
    """Each kernel replaced by the nearest of `size` centroids (k-means)."""
    centroids = half(lloyd(values, size, generator))
    stored = len(values) * math.ceil(math.log2(size)) + centroids.numel() * CODEBOOK_BITS
    return Coded(centroids[nearest(values, centroids)], stored)


def scalar_codebook(values: Tensor, counts: Sequence[int], bits: int, generator: torch.Generator) -> Coded:
    """Each weight replaced by the nearest of its layer's 2^bits centroids (Han et al. 2016).

    A layer with fewer weights than that has one centroid a weight.
    """
    parts, stored = [], 0
    for part in values.split(list(counts)):
        coded = vector_codebook(part.reshape(-1, 1), min(2**bits, part.numel()), generator)
        parts.append(coded.values.reshape(part.shape))
        stored += coded.bits
    return Coded(torch.cat(parts), stored)


def lloyd(values: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Centroids (size, d) of k-means on values (N, d), started from distinct random rows.

    A centroid that loses all its rows stays where it is.

    Raises
        StudyError: unless 1 <= size <= N.
    """
    if not 1 <= size <= len(values):
        raise StudyError(f"k-means cannot place {size} centroids on {len(values)} rows.")
    centroids = values[torch.randperm(len(values), generator=generator)[:size].to(values.device)]
    for _ in range(LLOYD_ITERATIONS):
        owner = nearest(values, centroids)
        counts = owner.bincount(minlength=size)[:, None]
        sums = torch.zeros_like(centroids).index_add_(0, owner, values)
        centroids = torch.where(counts > 0, sums / counts.clamp_min(1), centroids)
    return centroids


def nearest(values: Tensor, centroids: Tensor, rows: int = 4096) -> Tensor:
    """Index (N,) of the centroid (size, d) closest to each row of values (N, d)."""
    lengths = centroids.square().sum(1)
    return torch.cat([(lengths - 2 * part @ centroids.T).argmin(1) for part in values.split(rows)])
