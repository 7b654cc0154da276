"""Measure whether generated networks are copies: of networks that the autoencoder was trained on, or of their prompts.

A copy may have its hidden units in another order, and some noise. So networks are compared in two ways that see through
both: by the distance of weights whose units were aligned for that pair, and by the test images that both get wrong, as
a share of those that either gets wrong (Zeng et al., 2025). Of all that a network may be a copy of, the one most like
it counts.

The yardsticks are new networks, which cannot be copies, prompts with noise as far away, and reconstructed prompts.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

from wsbook.papers.sane.measures.generation import (
    Generation,
    best,
    candidates,
    noisy_copies,
    prompts_of,
    shown,
)
from wsbook.papers.sane.method.trained import fitted
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.symmetry import align
from wsbook.zoo.archive import members
from wsbook.zoo.networks import Network
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

IMAGES = 500  # at most so many test images tell by which errors networks are alike


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: accuracy, distance and shared errors of what is generated and of its yardsticks."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def shared_errors(ours: Tensor, theirs: Tensor) -> Tensor:
    """|both wrong| / |either wrong| for each of N networks and each of M others (N, M), from which of the images they
    get wrong (N, I) and (M, I); 0 for two that make no error."""
    a, b = ours.double(), theirs.double()
    both = a @ b.T
    either = a.sum(1, keepdim=True) + b.sum(1) - both
    return both / either.clamp(min=1)


def aligned_distance(vector: Tensor, others: Tensor, network: Network) -> float:
    """How far a weight vector (P,) is from the nearest of others (M, P), relative to its norm, when the hidden units
    of each are in the order that brings it nearest."""
    near = align(others, vector, network.shapes, network.units, torch.Generator().manual_seed(0))
    return ((near - vector).norm(dim=1).min() / vector.norm()).item()


def errors(network: Network, vectors: Tensor, on: Task) -> Tensor:
    """Which of at most `IMAGES` test images, in equal steps through the classes, networks (N, P) get wrong (N, I)."""
    images, labels = (part[:: -(-len(on.test[1]) // IMAGES)] for part in on.test)
    return network.decisions(vectors, Task(on.train, on.val, (images, labels)), "test") != labels


@cache  # the same for all autoencoders
def trained(zoos: tuple[Zoo, ...], on: Zoo) -> tuple[Tensor, Tensor]:
    """Weights (M, P) of the training networks of zoos after the last epoch, and their errors (M, I) on the task of
    another zoo."""
    vectors = torch.cat([members(zoo).part(0).weights[:, -1] for zoo in zoos])
    return vectors, errors(on.architecture, vectors, on.task)


def _measure(setting: Generation, seed: int, device: str) -> Measured:
    found, zoo = fitted(setting.training, seed, device), setting.prompt_zoo
    network, on = found.network, shown(zoo.task)
    prompts = prompts_of(zoo, setting.prompts, seed)
    generated = candidates(setting, found, prompts, seed)
    compared = {
        "generated": best(generated, network, on, setting.keep).vectors,
        "noisy_prompts": best(noisy_copies(prompts, generated, seed), network, on, setting.keep).vectors,
        "reconstructed": found.decode(found.encode(prompts)),
        "prompt": prompts,
    }
    training, known = trained(tuple(setting.zoos), zoo)
    wrong = {name: errors(network, vectors, on) for name, vectors in compared.items()}
    with_prompts = {name: shared_errors(its, wrong["prompt"]) for name, its in wrong.items()}
    with_prompts["prompt"].fill_diagonal_(0)  # each is compared with the others
    metrics, curves = {}, {}
    for name, vectors in compared.items():
        each = {
            "accuracy": network.score(vectors, on, "test")[0].tolist(),
            "distance": [aligned_distance(v, training, network) for v in vectors],
            "errors": shared_errors(wrong[name], known).amax(1).tolist(),
            "prompt_errors": with_prompts[name].amax(1).tolist(),
        }
        curves |= {f"{name}_{what}_each": values for what, values in each.items()}
        metrics |= {f"{name}_{what}": sum(values) / len(values) for what, values in each.items()}
    return Measured(metrics, curves)
