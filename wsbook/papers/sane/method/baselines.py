"""What generated networks have to beat: networks that anyone has who has the prompts.

The prompts are trained networks of the target. So are, nearly, their average and copies of them with noise.
"""

import torch
from torch import Tensor

from wsbook.weights.symmetry import align_together
from wsbook.zoo.networks import Network


def average(prompts: Tensor, network: Network, generator: torch.Generator) -> Tensor:
    """The mean (P,) of weight vectors (A, P), their hidden units aligned."""
    return align_together(prompts, network.shapes, network.units, generator).mean(0)


def with_noise(prompts: Tensor, like: Tensor, generator: torch.Generator) -> Tensor:
    """Copies (N, P) of prompts (A, P) chosen at random, each with Gaussian noise that takes it as far away as
    one of the generated networks `like` (N, P) is from the nearest prompt."""
    distances = torch.cdist(like, prompts).min(dim=1).values
    chosen = torch.randint(len(prompts), (len(like),), generator=generator)
    noise = torch.randn(like.shape, generator=generator)
    return prompts[chosen] + noise * (distances / noise.norm(dim=1))[:, None]


def nearest(vectors: Tensor, training: Tensor) -> tuple[Tensor, Tensor]:
    """For each vector (N, P) the nearest training network: its number (N,), and its distance relative to the
    vector's norm (N,)."""
    found = torch.cdist(vectors, training).min(dim=1)
    return found.indices, found.values / vectors.norm(dim=1)
