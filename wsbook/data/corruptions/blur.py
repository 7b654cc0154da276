"""Blurs."""

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.data.corruptions.draws import uniform
from wsbook.data.corruptions.resample import apply, enlargement, shifted, smooth


def gaussian_blur(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """A Gaussian filter."""
    return smooth(x, (0.4, 0.6, 0.7, 0.8, 1.0)[severity - 1])


@cache
def disk(radius: float, sigma: float) -> Tensor:
    """A disk (K, K) that sums to 1, its edge smoothed by a Gaussian of 3 x 3 pixels."""
    reach = int(radius) + 1
    line = torch.arange(-reach, reach + 1)
    inside = (line[:, None] ** 2 + line**2 <= radius**2).float()
    edge = torch.exp(-0.5 * (torch.arange(-1, 2) / sigma) ** 2)
    kernel = F.conv2d(inside[None, None], torch.outer(edge, edge)[None, None], padding=1)[0, 0]
    return kernel / kernel.sum()


def defocus_blur(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """A filter in the form of a disk, as a lens out of focus has."""
    kernel = disk(*((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1))[severity - 1]).to(x)
    reach = len(kernel) // 2
    padded = F.pad(x, (reach,) * 4, mode="replicate").flatten(0, 1)[:, None]
    return F.conv2d(padded, kernel[None, None]).view_as(x)


def glass_blur(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Every pixel takes the value of a random neighbour, between two Gaussian filters.

    The neighbour is above, on the left, both or the pixel itself; the first two rows and columns stay.
    So it is in the published images: the swap of two pixels there overwrites one of them.
    """
    sigma, rounds = ((0.05, 1), (0.25, 1), (0.4, 1), (0.25, 2), (0.4, 2))[severity - 1]
    x = smooth(x, sigma)
    n, _, height, width = x.shape
    for _ in range(rounds):
        back = -(uniform((2, n, height, width), generator, x) < 0.5).long()
        back[:, :, :2], back[:, :, :, :2] = 0, 0
        x = shifted(x, *back)
    return smooth(x, sigma)


def motion_blur(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """A trail at a random angle of up to 45 degrees, one for each image."""
    radius, sigma = ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5))[severity - 1]
    degrees = 90 * uniform((len(x),), generator, x) - 45
    return trailed(x, radius, sigma, degrees)


def trailed(x: Tensor, radius: int, sigma: float, degrees: Tensor) -> Tensor:
    """Images (N, C, H, W) summed along a line at angles (N,), as ImageMagick blurs motion.

    The weights are one half of a Gaussian of 2 radius + 1 whole steps, each rounded to a pixel.
    """
    steps = torch.arange(min(2 * radius + 1, math.ceil(4 * sigma) + 1))  # the rest weighs below 1e-3
    weights = torch.exp(-0.5 * (steps / sigma) ** 2)
    angles = torch.deg2rad(degrees)[:, None, None]
    out = torch.zeros_like(x)
    for step, weight in zip(steps.tolist(), (weights / weights.sum()).tolist()):
        down, right = (torch.ceil(step * part - 0.5).long() for part in (angles.sin(), angles.cos()))
        out += weight * shifted(x, down, right)
    return out


def zoom_blur(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """The mean of the image and of its middle at growing enlargements."""
    count = (6, 11, 16, 21, 26)[severity - 1]
    height, width = x.shape[-2:]
    out = x.clone()
    for step in range(count):
        factor = 1 + step / 100
        out += apply(x, enlargement(height, factor), enlargement(width, factor))
    return out / (count + 1)
