"""Noise in every value by itself."""

import torch
from torch import Tensor

from wsbook.data.corruptions.draws import normal, uniform


def gaussian_noise(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """x + s n with n standard normal."""
    scale = (0.04, 0.06, 0.08, 0.09, 0.10)[severity - 1]
    return x + scale * normal(x.shape, generator, x)


def shot_noise(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Photon counts: Poisson(c x) / c."""
    photons = (500, 250, 100, 75, 50)[severity - 1]
    return torch.poisson((x * photons).to(generator.device), generator).to(x) / photons


def impulse_noise(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """A share of all values, each channel by itself, becomes 0 or 1 with equal probability."""
    amount = (0.01, 0.02, 0.03, 0.05, 0.07)[severity - 1]
    drawn = uniform(x.shape, generator, x)
    return torch.where(drawn < amount, (drawn < amount / 2).to(x), x)


def speckle_noise(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """x + s x n with n standard normal."""
    scale = (0.06, 0.1, 0.12, 0.16, 0.2)[severity - 1]
    return x + scale * x * normal(x.shape, generator, x)
