"""Convolution and max-pooling of many networks at once, each with kernels of its own.

A convolution and the max-pooling after it are one product of matrices: the kernel, placed at each of the p x p
positions of a pooling window and padded with zeros to side k + p - 1, meets each patch of that side once (stride p).
That is more arithmetic, but far fewer patches to gather, than gathering k x k patches at stride 1, and shapes that a
matrix product likes.

Maps, which are square, are kept as (models, channels, I, p, p, J, images) where a pooling of window p is to come: row
p i + r and column p j + s are at [i, r, s, j]. What neighbouring patches have at one place then lies side by side, so
that patches are gathered, and their gradients scattered, in long runs.
"""

import math
from functools import reduce
from itertools import repeat
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

VECTOR = 16  # numbers that a core of today multiplies at once
CACHED = 1_200_000  # numbers that pass from one operation to the next fastest

# Backward of torch's own threshold: grad where input > threshold, else 0; vectorised, unlike where.
_pass_where_above = torch.ops.aten.threshold_backward


def parted(maps: Tensor, pool: int) -> Tensor:
    """Maps (M, C, H, H, B) as (M, C, I, p, p, J, B), not yet side by side; zeros behind their end where p does not
    divide H."""
    if lacking := -maps.shape[2] % pool:
        maps = F.pad(maps, (0, 0, 0, lacking, 0, lacking))
    return maps.unflatten(3, (-1, pool)).unflatten(2, (-1, pool)).transpose(4, 5)


def _plain(maps: Tensor, side: int) -> Tensor:
    """The inverse of `parted` for maps of H = `side`."""
    return maps.transpose(4, 5).flatten(4, 5).flatten(2, 3)[:, :, :side, :side].contiguous()


class ConvPool(torch.autograd.Function):
    """Convolution (valid, stride 1), the maximum over each window of p x p, and a bias."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, kernels: Tensor, bias: Tensor, side: int, following: int) -> Tensor:
        """Maps (M or 1, C, I, p, p, J, B) of H = `side`, kernels (M, O, C, k, k) and biases (M, O) to maps
        (M, O, ...), laid out for a pooling of window `following`."""
        pool, k = maps.shape[3], kernels.shape[-1]
        outward = (side - k + 1) // pool
        placed = _placed(kernels, pool)
        matrix = placed.flatten(4).flatten(1, 3)
        patches = _patches(maps, placed.shape[-1] // pool, outward)
        if any(ctx.needs_input_grad):
            columns, found = _convolved(matrix, patches, pool)
            best = found.amax(1)
            ctx.save_for_backward(columns, matrix, found, best)
            ctx.shapes = maps.shape, patches.shape, placed.shape, k
        else:
            best = _best(matrix, patches, pool)
        parts = parted(best.unflatten(2, patches.shape[6:]), following)
        return torch.add(parts, bias[..., *[None] * 5], out=parts.new_empty(parts.shape))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        columns, matrix, found, best = ctx.saved_tensors
        maps, patches, placed, k = ctx.shapes
        grad = _plain(grad, patches[-2])
        grad_bias = grad.sum((2, 3, 4))
        grad = _to_winners(grad.flatten(2), found, best).flatten(1, 2)
        grad_placed = _product_over_columns(grad, columns).reshape(placed)
        *parts, last = _positions(grad_placed, k).flatten(1, 2).unbind(1)
        grad_kernels = reduce(torch.add, reversed(parts), last)  # in the order that autograd would add them
        if not ctx.needs_input_grad[0]:
            return None, grad_kernels, grad_bias, None, None
        spread = (matrix.mT @ grad).view(len(matrix), *patches[1:])
        return _fold(spread, maps), grad_kernels, grad_bias, None, None


def _convolved(matrix: Tensor, patches: Tensor, pool: int) -> tuple[Tensor, Tensor]:
    """Patches as columns (M or 1, A, N), and what kernels (M, R, A) make of these at every position of a window:
    (M, p * p, O, N)."""
    columns = patches.reshape(len(patches), matrix.shape[2], -1)
    return columns, _product(matrix, columns).unflatten(1, (pool**2, -1))


def _best(matrix: Tensor, patches: Tensor, pool: int) -> Tensor:
    """The maxima over windows (M, O, N) alone. Few networks at a time, since neither their columns nor what is found
    at each position need to leave the cache."""
    numbers = math.prod(patches.shape[6:])
    best = matrix.new_empty(len(matrix), matrix.shape[1] // pool**2, numbers)
    few = max(1, CACHED // (numbers * max(matrix.shape[1:])))
    seen = patches.split(few) if len(patches) == len(matrix) else repeat(patches)
    for some, of, into in zip(matrix.split(few), seen, best.split(few)):
        torch.amax(_convolved(some, of, pool)[1], 1, out=into)
    return best


def _product(matrix: Tensor, columns: Tensor) -> Tensor:
    """Matrices (M, R, A) @ columns (M or 1, A, N): a single product where all networks see the same."""
    if len(columns) == len(matrix):
        return matrix @ columns
    return (matrix.flatten(0, 1) @ columns[0]).unflatten(0, (len(matrix), -1))


def _product_over_columns(grad: Tensor, columns: Tensor) -> Tensor:
    """grad (M, R, N) @ the transpose of columns (M, A, N). Products are fastest where their last side fills vectors."""
    if grad.shape[1] % VECTOR == 0 and columns.shape[1] % VECTOR:
        return (columns @ grad.mT).mT
    return grad @ columns.mT


def _placed(kernels: Tensor, pool: int) -> Tensor:
    """Kernels (M, O, C, k, k) at every position of a window: (M, p, p, O, C, s, s), s the multiple of p that is at
    least k + p - 1."""
    models, *filters, k, _ = kernels.shape
    side = -(-(k + pool - 1) // pool) * pool
    placed = kernels.new_zeros(models, pool, pool, *filters, side, side)
    _positions(placed, k).copy_(kernels[:, None, None])
    return placed


def _positions(placed: Tensor, k: int) -> Tensor:
    """The kernels (M, p, p, O, C, k, k) within `_placed` ones, sharing their memory."""
    m, y, x, o, c, row, column = placed.stride()
    strides = (m, y + row, x + column, o, c, row, column)
    return placed.as_strided((*placed.shape[:5], k, k), strides)


def _patches(maps: Tensor, blocks: int, outward: int) -> Tensor:
    """The h x h patches of n x n blocks of p x p, at stride p, of maps (M, C, I, p, p, J, B), sharing their memory:
    (M, C, n, p, n, p, h, h, B), h = `outward`."""
    models, channels, _, pool, _, _, images = maps.shape
    m, c, i, r, s, j, b = maps.stride()
    shape = (models, channels, blocks, pool, blocks, pool, outward, outward, images)
    return maps.as_strided(shape, (m, c, i, r, j, s, i, j, b))


def _fold(spread: Tensor, shape: torch.Size) -> Tensor:
    """Sum gradients of patches (M, C, n, p, n, p, h, h, B) into those of maps of `shape`."""
    folded = spread.new_zeros(shape)
    patches = _patches(folded, *spread.shape[4:8:2])
    for rows, into_rows in zip(spread.unbind(2), patches.unbind(2)):
        for block, into in zip(rows.unbind(3), into_rows.unbind(3)):
            into += block
    return folded


def _to_winners(grad: Tensor, found: Tensor, best: Tensor) -> Tensor:
    """Gradients (M, p * p, O, n): each window's goes to the first position that holds its maximum.
    They take the place of what was `found`."""
    last = found.shape[1] - 1
    barely_below_zero = -torch.finfo(grad.dtype).tiny
    for position in range(last):
        routed = found[:, position].sub_(best)  # 0 at a winner, else negative
        _pass_where_above(grad, routed, barely_below_zero, grad_input=routed)
        grad = grad - routed
    found[:, last] = grad
    return found
