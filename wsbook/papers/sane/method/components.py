"""Principal components of aligned weights: the linear autoencoder that a better one has to beat."""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

from wsbook.weights.symmetry import align, match, permute
from wsbook.zoo.archive import members
from wsbook.zoo.networks import Network
from wsbook.zoo.setting import Zoo


def aligned(weights: Tensor, reference: Tensor, network: Network, generator: torch.Generator) -> Tensor:
    """Weights (M, E, P) with hidden units permuted to match `reference` (P,): alike in all epochs of a
    model, by its last."""
    rows = []
    for epochs in weights:
        order = match(epochs[-1], reference, network.shapes, network.units, generator)
        rows.append(permute(epochs, network.shapes, network.units, order))
    return torch.stack(rows)


def axes_of(vectors: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The mean (P,) and the first `count` principal axes (count, P) of vectors (N, P); fewer if N is smaller."""
    mean = vectors.mean(0)
    return mean, torch.linalg.svd(vectors - mean, full_matrices=False).Vh[:count]


def principal_components(parts: Sequence[Tensor], count: int) -> list[Tensor]:
    """The first `count` principal components (N, count) of vectors (N, P), those of the first part for all;
    fewer if that has fewer networks."""
    mean, axes = axes_of(parts[0], count)
    return [(part - mean) @ axes.T for part in parts]


@cache  # the same for all autoencoders of these zoos
def rebuilt_linearly(zoos: tuple[Zoo, ...], fresh: Zoo, count: int) -> Tensor:
    """Networks (N, P) of the zoo `fresh` after their last epoch, rebuilt from the first `count` principal
    components of those that autoencoders of the zoos, all of its architecture, are trained on."""
    network, generator = fresh.architecture, torch.Generator().manual_seed(0)
    parts = [members(zoo).part(0).weights for zoo in zoos]
    reference = parts[0][0, -1]
    known = torch.cat([aligned(part, reference, network, generator).flatten(0, 1) for part in parts])
    new = align(members(fresh).weights[:, -1], reference, network.shapes, network.units, generator)
    mean, axes = axes_of(known, count)
    return mean + (new - mean) @ axes.T @ axes
