"""Permuted units leave functions alone; weight matching finds hidden permutations again."""

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS, CNN_S
from wsbook.weights import alignment
from wsbook.weights.symmetry import (
    Axis,
    Group,
    align,
    align_together,
    match,
    permute,
    random_permutations,
    sequential,
)
from wsbook.zoo.stacked import logits


def vectors(spec, count, seed=0):
    return 0.3 * torch.randn(count, spec.size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("spec", [CNN_DIGITS, CNN_S])
def test_a_chain_of_layers_has_a_group_for_each_hidden_layer(spec):
    units = sequential(spec.shapes)
    assert [group.size for group in units] == [c.channels for c in spec.convs] + list(spec.hidden)
    generator = torch.Generator().manual_seed(1)
    some = vectors(spec, 3)
    moved = permute(some, spec.shapes, units, random_permutations(units, generator))
    images = torch.randn(1, 5, spec.channels, spec.side, spec.side, generator=generator)
    assert not torch.equal(moved, some)
    torch.testing.assert_close(
        logits(spec, moved, images), logits(spec, some, images), rtol=1e-4, atol=1e-4
    )


def test_permutations_are_those_of_the_chain():
    units, generator = sequential(CNN_S.shapes), torch.Generator().manual_seed(2)
    orders = random_permutations(units, generator)
    for vector, moved in zip(vectors(CNN_S, 2), permute(vectors(CNN_S, 2), CNN_S.shapes, units, orders)):
        assert torch.equal(moved, alignment.permute(vector, CNN_S.shapes, orders))


def test_blocks_stay_together():
    shapes = {"a": (4,), "b": (2, 2)}
    units = (Group(2, (Axis("a", 0, 2), Axis("b", 1))),)
    vector = torch.tensor([1.0, 2, 3, 4, 5, 6, 7, 8])
    moved = permute(vector, shapes, units, [torch.tensor([1, 0])])
    assert moved.tolist() == [3, 4, 1, 2, 6, 5, 8, 7]


def test_matching_undoes_a_permutation():
    units, generator = sequential(CNN_S.shapes), torch.Generator().manual_seed(3)
    (vector,) = vectors(CNN_S, 1)
    hidden = permute(vector, CNN_S.shapes, units, random_permutations(units, generator))
    found = match(hidden, vector, CNN_S.shapes, units, generator)
    assert torch.equal(permute(hidden, CNN_S.shapes, units, found), vector)


def test_matching_agrees_with_that_of_a_chain():
    units = sequential(CNN_S.shapes)
    vector, reference = vectors(CNN_S, 2)
    ours = match(vector, reference, CNN_S.shapes, units, torch.Generator().manual_seed(4))
    plain = alignment.match(vector, reference, CNN_S.shapes, torch.Generator().manual_seed(4))
    assert all(torch.equal(a, b) for a, b in zip(ours, plain))


def test_aligned_networks_are_nearer_to_each_other():
    units, generator = sequential(CNN_S.shapes), torch.Generator().manual_seed(5)
    some = vectors(CNN_S, 4)
    to_first = align(some, some[0], CNN_S.shapes, units, generator)
    assert torch.equal(to_first[0], some[0])
    assert (to_first - some[0]).norm() < (some - some[0]).norm()
    together = align_together(some, CNN_S.shapes, units, generator)
    assert together.var(0).sum() < some.var(0).sum() > to_first.var(0).sum()
