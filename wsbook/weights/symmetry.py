"""Hidden units that can change places without changing the function, in networks of any architecture.

A *group* is a set of units that must be permuted together, such as the channels of one layer or of a whole
residual stream. It names every axis of a parameter that runs over its units; where each unit owns a block
of consecutive entries there (the pixels of a channel that is flattened into a fully connected layer), the
block's length. The *heads* of attention are units that have units inside them: see `Heads`.

Weight matching (Ainsworth et al. 2022, "Git Re-Basin", algorithm 1) looks for the permutations that bring
one network closest to another, group by group: with the other groups held, the best permutation of one is a
linear assignment problem.
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
    """Units that are permuted together. A permutation is (size,): new unit i is old unit permutation[i]."""

    size: int
    axes: tuple[Axis, ...]

    @property
    def sets(self) -> tuple[tuple[Axis, ...], ...]:
        """The axes that have one order."""
        return (self.axes,)

    @property
    def identity(self) -> Tensor:
        """The permutation that changes nothing."""
        return torch.arange(self.size)

    def random(self, generator: torch.Generator) -> Tensor:
        """A uniformly random permutation."""
        return torch.randperm(self.size, generator=generator)

    def best(self, gains: Tensor) -> Tensor:
        """The permutation of the largest gain; gains (1, size, size) as `_gains` has them."""
        return _assigned(gains[0])


@dataclass(frozen=True)
class Heads:
    """Heads of attention, and the numbers inside each. Heads are permuted together; the numbers of a head
    among themselves, with one order for all axes of a set: queries and keys are one set, values another.

    A permutation is (sets, count * size), with a row for the axes of each set; all rows agree about heads.
    """

    count: int
    size: int  # numbers in a head
    sets: tuple[tuple[Axis, ...], ...]

    @property
    def identity(self) -> Tensor:
        """The permutation that changes nothing."""
        return torch.arange(self.count * self.size).expand(len(self.sets), -1)

    def random(self, generator: torch.Generator) -> Tensor:
        """A uniformly random permutation."""
        heads = torch.randperm(self.count, generator=generator)
        inside = torch.rand(len(self.sets), self.count, self.size, generator=generator).argsort(-1)
        return (heads[:, None] * self.size + inside).flatten(1)

    def best(self, gains: Tensor) -> Tensor:
        """The permutation of the largest gain; gains (sets, units, units) as `_gains` has them."""
        blocks = gains.unflatten(2, (self.count, -1)).unflatten(1, (self.count, -1)).transpose(2, 3)
        inside = torch.stack([_assigned(block) for block in blocks.flatten(0, 2)]).view(blocks.shape[:-1])
        heads = _assigned(blocks.gather(-1, inside[..., None]).sum((0, 3, 4)))
        chosen = inside[:, torch.arange(self.count), heads]
        return (heads[:, None] * self.size + chosen).flatten(1)


Units = tuple[Group | Heads, ...]
Permutations = list[Tensor]  # one a group


def _assigned(gain: Tensor) -> Tensor:
    """For each row of a square matrix its column in the assignment of the largest sum."""
    return torch.from_numpy(linear_sum_assignment(gain.numpy(), maximize=True)[1])


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
    for group, permutation in zip(units, permutations):
        for axes, order in zip(group.sets, permutation.view(len(group.sets), -1)):
            for place in axes:
                tensors[place.parameter] = _reordered(tensors[place.parameter], shapes, place, order)
    return flatten(tensors, shapes)


def _reordered(tensor: Tensor, shapes: Shapes, place: Axis, order: Tensor) -> Tensor:
    axis = place.axis - len(shapes[place.parameter])  # from the end: leading dimensions are free
    entries = order[:, None] * place.block + torch.arange(place.block)
    return tensor.index_select(axis, entries.flatten().to(tensor.device))


def random_permutations(units: Units, generator: torch.Generator) -> Permutations:
    """A uniformly random permutation of every group."""
    return [group.random(generator) for group in units]


def match(
    vector: Tensor, reference: Tensor, shapes: Shapes, units: Units, generator: torch.Generator
) -> Permutations:
    """Permutations of `vector` (P,) that locally maximise its inner product with `reference` (P,).

    Groups are visited in random order, sweep after sweep, until none of them improves.
    """
    vector, reference = vector.double().cpu(), reference.double().cpu()
    targets = unflatten(reference, shapes)
    permutations = [group.identity for group in units]
    for _ in range(SWEEPS):
        improved = False
        for number in torch.randperm(len(units), generator=generator).tolist():
            group = units[number]
            others = [p if k != number else group.identity for k, p in enumerate(permutations)]
            gains = _gains(unflatten(permute(vector, shapes, units, others), shapes), targets, group)
            best = group.best(gains)
            now, then = _total(gains, best), _total(gains, permutations[number])
            if now > then + 1e-12 * then.abs():
                permutations[number], improved = best, True
        if not improved:
            break
    return permutations


def _gains(tensors: dict[str, Tensor], targets: dict[str, Tensor], group: Group | Heads) -> Tensor:
    """Of each set of axes the gains (sets, units, units) of placing old unit j at i, other groups held."""
    units = group.identity.shape[-1]
    gains = torch.zeros(len(group.sets), units, units, dtype=torch.float64)
    for gain, axes in zip(gains, group.sets):
        for place in axes:
            old, new = (t[place.parameter].movedim(place.axis, 0) for t in (tensors, targets))
            gain += new.reshape(units, -1) @ old.reshape(units, -1).T
    return gains


def _total(gains: Tensor, permutation: Tensor) -> Tensor:
    """The gain of a permutation."""
    return gains.gather(2, permutation.view(len(gains), -1, 1)).sum()


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
