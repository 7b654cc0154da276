"""Alignment of neurons by weight matching (Ainsworth et al. 2022, "Git Re-Basin", algorithm 1).

The hidden units of a network can be permuted without changing its function. Weight matching looks
for the permutations that bring a network closest to a reference, layer by layer: with the other
layers held, the best permutation of one layer is a linear assignment problem.

A sequential network is a list of layers, weight (units, inputs, ...) and bias (units,). Where more
inputs enter a layer than the one before has units (the first fully connected layer after the
convolutions), each unit owns a contiguous block of them, as flattening (C, H, W) lays them out.
"""

from collections.abc import Sequence

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from wsbook.weights.flatten import Shapes, flatten, unflatten

Permutations = list[Tensor]  # one a hidden layer: new unit i is old unit permutation[i]
SWEEPS = 100  # weight matching settles within a few sweeps; the bound only stops a cycle of ties


def permute(vector: Tensor, shapes: Shapes, permutations: Permutations) -> Tensor:
    """The weight vector (P,) with its hidden units permuted: the same function."""
    layers = _layers(vector, shapes)
    for number, order in enumerate(permutations):
        weight, bias = layers[number]
        layers[number] = weight[order], bias[order]
        weight, bias = layers[number + 1]
        layers[number + 1] = weight[:, order], bias
    tensors = [tensor for layer in layers for tensor in layer]
    return flatten({n: t.reshape(s) for (n, s), t in zip(shapes.items(), tensors)}, shapes)


def random_permutations(shapes: Shapes, generator: torch.Generator) -> Permutations:
    """A uniformly random permutation of every hidden layer."""
    return [torch.randperm(n, generator=generator) for n in _widths(shapes)]


def match(vector: Tensor, reference: Tensor, shapes: Shapes, generator: torch.Generator) -> Permutations:
    """Permutations of `vector` (P,) that locally maximise its inner product with `reference` (P,).

    Layers are visited in random order, sweep after sweep, until none of them improves.
    """
    layers, targets = _layers(vector.double(), shapes), _layers(reference.double(), shapes)
    permutations = [torch.arange(n) for n in _widths(shapes)]
    for _ in range(SWEEPS):
        improved = False
        for number in torch.randperm(len(permutations), generator=generator).tolist():
            gain = _similarity(layers, targets, permutations, number)
            best = torch.from_numpy(linear_sum_assignment(gain.numpy(force=True), maximize=True)[1])
            units = torch.arange(len(best))
            now, then = gain[units, best].sum(), gain[units, permutations[number]].sum()
            if now > then + 1e-12 * then.abs():
                permutations[number], improved = best, True
        if not improved:
            break
    return permutations


def align(vectors: Tensor, reference: Tensor, shapes: Shapes, generator: torch.Generator) -> Tensor:
    """Weight vectors (M, P), each permuted to match `reference` (P,)."""
    return torch.stack([permute(v, shapes, match(v, reference, shapes, generator)) for v in vectors])


def align_together(
    vectors: Tensor, shapes: Shapes, generator: torch.Generator, rounds: int = 6
) -> tuple[Tensor, Tensor]:
    """Weight vectors (M, P) aligned to each other, and the reference (P,) that they ended up with.

    The first round aligns to the first vector, each later one to the mean of the round before
    (Ainsworth et al. 2022, algorithm 3, all models at once).
    """
    reference = vectors[0]
    for _ in range(rounds):
        vectors, last = align(vectors, reference, shapes, generator), reference
        reference = vectors.mean(0)
    return vectors, last


def _layers(vector: Tensor, shapes: Shapes) -> list[tuple[Tensor, Tensor]]:
    """Weight (units, units of the layer before, rest) and bias (units, 1) of every layer."""
    tensors = list(unflatten(vector, shapes).values())
    before = tensors[0].shape[1]
    layers = []
    for weight, bias in zip(tensors[::2], tensors[1::2]):
        layers.append((weight.reshape(len(weight), before, -1), bias[:, None]))
        before = len(weight)
    return layers


def _widths(shapes: Shapes) -> list[int]:
    return [shape[0] for shape in shapes.values() if len(shape) == 1][:-1]


def _similarity(
    layers: Sequence[tuple[Tensor, Tensor]],
    targets: Sequence[tuple[Tensor, Tensor]],
    permutations: Permutations,
    number: int,
) -> Tensor:
    """Gain (units, units) of placing old unit j of a layer at position i, other layers held."""
    (weight, bias), (target, target_bias) = layers[number], targets[number]
    incoming = weight if number == 0 else weight[:, permutations[number - 1]]
    gain = target.flatten(1) @ incoming.flatten(1).T + target_bias @ bias.T
    outgoing, outgoing_target = layers[number + 1][0], targets[number + 1][0]
    if number + 1 < len(permutations):
        outgoing = outgoing[permutations[number + 1]]
    return gain + torch.einsum("oir,ojr->ij", outgoing_target, outgoing)
