"""Random numbers from a generator, on the device and in the type of the images they are for."""

import torch
from torch import Tensor


def normal(shape: tuple[int, ...], generator: torch.Generator, like: Tensor) -> Tensor:
    """Standard normal numbers."""
    return torch.randn(shape, generator=generator, device=generator.device).to(like)


def uniform(shape: tuple[int, ...], generator: torch.Generator, like: Tensor) -> Tensor:
    """Uniform numbers from 0 to 1."""
    return torch.rand(shape, generator=generator, device=generator.device).to(like)
