"""Hidden units that can change places without changing the function, in networks of any architecture.

A *group* is a set of units that must be permuted together, such as the channels of one layer or of a whole
residual stream. It names every axis of a parameter that runs over its units; where each unit owns a block of
consecutive entries there (the pixels of a channel that is flattened into a fully connected layer), the block's
length.

Weight matching (Ainsworth et al. 2022, "Git Re-Basin", algorithm 1) looks for the permutations that bring one
network closest to another, group by group: with the other groups held, the best permutation of one is a linear
assignment problem.
"""

from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from wsbook.weights.flatten import Shapes, flatten, unflatten

SWEEPS = 100  # weight matching settles within a few sweeps; the bound only stops a cycle of ties


@dataclass(frozen=True)
class Axis:
    """An axis of a parameter along which units lie, each with a block of entries."""

    parameter: str
    axis: int
    block: int = 1


@dataclass(frozen=True)
class Group:
    """Units that are permuted together."""

    size: int
    axes: tuple[Axis, ...]


Units = tuple[Group, ...]
Permutations = list[Tensor]  # one a group: new unit i is old unit permutation[i]


def sequential(shapes: Shapes) -> Units:
    """The groups of a chain of layers NAME.weight and NAME.bias: the outputs of all but the last."""
    layers = [name.removesuffix(".weight") for name in shapes if name.endswith(".weight")]
    groups = []
    for layer, following in zip(layers, layers[1:]):
        size = shapes[f"{layer}.weight"][0]
        entering = Axis(f"{following}.weight", 1, shapes[f"{following}.weight"][1] // size)
        groups.append(Group(size, (Axis(f"{layer}.weight", 0), Axis(f"{layer}.bias", 0), entering)))
    return tuple(groups)


def permute(vectors: Tensor, shapes: Shapes, units: Units, permutations: Permutations) -> Tensor:
    """Weight vectors (..., P) with their hidden units permuted: the same functions."""
    tensors = dict(unflatten(vectors, shapes))
    for group, order in zip(units, permutations):
        for place in group.axes:
            tensors[place.parameter] = _reordered(tensors[place.parameter], shapes, place, order)
    return flatten(tensors, shapes)


def _reordered(tensor: Tensor, shapes: Shapes, place: Axis, order: Tensor) -> Tensor:
    axis = place.axis - len(shapes[place.parameter])  # from the end: leading dimensions are free
    entries = order[:, None] * place.block + torch.arange(place.block)
    return tensor.index_select(axis, entries.flatten().to(tensor.device))


def random_permutations(units: Units, generator: torch.Generator) -> Permutations:
    """A uniformly random permutation of every group."""
    return [torch.randperm(group.size, generator=generator) for group in units]


def match(
    vector: Tensor, reference: Tensor, shapes: Shapes, units: Units, generator: torch.Generator
) -> Permutations:
    """Permutations of `vector` (P,) that locally maximise its inner product with `reference` (P,).

    Groups are visited in random order, sweep after sweep, until none of them improves.
    """
    vector, reference = vector.double().cpu(), reference.double().cpu()
    targets = unflatten(reference, shapes)
    permutations = [torch.arange(group.size) for group in units]
    for _ in range(SWEEPS):
        improved = False
        for number in torch.randperm(len(units), generator=generator).tolist():
            others = [p if k != number else torch.arange(len(p)) for k, p in enumerate(permutations)]
            moved = unflatten(permute(vector, shapes, units, others), shapes)
            gain = _similarity(moved, targets, units[number])
            best = torch.from_numpy(linear_sum_assignment(gain.numpy(), maximize=True)[1])
            places = torch.arange(len(best))
            now, then = gain[places, best].sum(), gain[places, permutations[number]].sum()
            if now > then + 1e-12 * then.abs():
                permutations[number], improved = best, True
        if not improved:
            break
    return permutations


def _similarity(tensors: dict[str, Tensor], targets: dict[str, Tensor], group: Group) -> Tensor:
    """Gain (units, units) of placing old unit j of a group at position i, other groups held."""
    gain = torch.zeros(group.size, group.size, dtype=torch.float64)
    for place in group.axes:
        old, new = (t[place.parameter].movedim(place.axis, 0) for t in (tensors, targets))
        gain += new.reshape(group.size, -1) @ old.reshape(group.size, -1).T
    return gain


def align(
    vectors: Tensor, reference: Tensor, shapes: Shapes, units: Units, generator: torch.Generator
) -> Tensor:
    """Weight vectors (M, P), each permuted to match `reference` (P,)."""
    rows = (permute(v, shapes, units, match(v, reference, shapes, units, generator)) for v in vectors)
    return torch.stack(list(rows))


def align_together(
    vectors: Tensor, shapes: Shapes, units: Units, generator: torch.Generator, rounds: int = 6
) -> Tensor:
    """Weight vectors (M, P) aligned to each other: first to the first of them, then, again and again, to the
    mean of the round before (Ainsworth et al. 2022, algorithm 3, all models at once)."""
    reference = vectors[0]
    for _ in range(rounds):
        vectors = align(vectors, reference, shapes, units, generator)
        reference = vectors.mean(0)
    return vectors
