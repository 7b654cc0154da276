"""Linear filters and changes of scale as matrices along the rows and columns of images."""

import math
from functools import cache

import torch
from torch import Tensor

Axes = tuple[Tensor, Tensor]


def apply(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images (..., H, W) as (..., H', W') for matrices rows (H', H) and columns (W', W)."""
    return rows.to(x) @ x @ columns.to(x).mT


@cache
def gaussian(length: int, sigma: float, truncate: float = 4.0) -> Tensor:
    """The matrix (length, length) of a Gaussian filter that ends at `truncate` sigmas, borders repeated."""
    radius = int(truncate * sigma + 0.5)
    steps = torch.arange(-radius, radius + 1)
    weights = torch.exp(-0.5 * (steps / sigma) ** 2) if radius else torch.ones(1)
    places = (torch.arange(length)[:, None] + steps).clamp(0, length - 1)
    matrix = torch.zeros(length, length)
    return matrix.scatter_add_(1, places, (weights / weights.sum()).expand(length, -1))


def smooth(x: Tensor, sigma: float, truncate: float = 4.0) -> Tensor:
    """Images (..., H, W) after a Gaussian filter of width sigma in pixels."""
    height, width = x.shape[-2:]
    return apply(x, gaussian(height, sigma, truncate), gaussian(width, sigma, truncate))


@cache
def enlargement(length: int, factor: float) -> Tensor:
    """The matrix (length, length) that enlarges the middle of a line by `factor`, interpolating linearly."""
    crop = math.ceil(length / factor)
    size = max(length, round(crop * factor))
    places = torch.arange(size) * ((crop - 1) / max(1, size - 1)) + (length - crop) // 2
    trim = (size - length) // 2
    return interpolation(places[trim : trim + length], length)


def interpolation(places: Tensor, length: int) -> Tensor:
    """The matrix (P, length) that reads a line at `places` (P,) from 0 to length - 1, linearly."""
    distance = (places[:, None] - torch.arange(length)).abs()
    return (1 - distance).clamp(min=0)


def enlarged(x: Tensor, factor: float) -> Tensor:
    """The middle of images (..., H, W), enlarged to their size."""
    height, width = x.shape[-2:]
    return apply(x, enlargement(height, factor), enlargement(width, factor))


@cache
def box(length: int, size: int) -> Tensor:
    """The matrix (size, length) of Pillow's box filter: means of the samples nearest to a new one."""
    scale = length / size
    support = max(scale, 1) / 2
    matrix = torch.zeros(size, length)
    for row, weights in enumerate(matrix):
        centre = (row + 0.5) * scale
        first, last = int(centre - support + 0.5), int(centre + support + 0.5)
        weights[max(first, 0) : min(last, length)] = 1
    return matrix / matrix.sum(1, keepdim=True)


def shifted(x: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Every pixel of (N, C, H, W) from `down` (N, H or 1, W or 1) rows and `right` columns further on."""
    height, width = x.shape[-2:]
    rows = (torch.arange(height, device=x.device)[:, None] + down).clamp(0, height - 1)
    columns = (torch.arange(width, device=x.device) + right).clamp(0, width - 1)
    places = (rows * width + columns).flatten(1)[:, None].expand(-1, x.shape[1], -1)
    return x.flatten(2).gather(2, places).view_as(x)
