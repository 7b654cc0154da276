"""Permuted units leave functions alone; weight matching finds hidden permutations again."""

from itertools import permutations, product

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS, CNN_S
from wsbook.weights import alignment
from wsbook.weights.flatten import unflatten
from wsbook.weights.symmetry import (
    Axis,
    Group,
    Heads,
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


QUERIES = (Axis("query", 0), Axis("key", 0))
HEADS = Heads(2, 3, (QUERIES, (Axis("value", 0), Axis("out", 1))))


def orders_of_heads():
    """All permutations of `HEADS`, put together by hand."""
    inside = list(permutations(range(3)))
    for heads in permutations(range(2)):
        for one, other, third, fourth in product(inside, repeat=4):
            rows = [(one, other), (third, fourth)]
            yield torch.tensor(
                [[3 * h + k for h, row in zip(heads, rows[s]) for k in row] for s in range(2)]
            )


def test_the_best_order_of_heads_is_the_best_of_all():
    gains = torch.randn(2, 6, 6, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    units = torch.arange(6)
    best = max(orders_of_heads(), key=lambda rows: sum(g[units, row].sum() for g, row in zip(gains, rows)))
    assert torch.equal(HEADS.best(gains), best)


def test_random_orders_of_heads_are_all_there_is():
    known = {tuple(rows.flatten().tolist()) for rows in orders_of_heads()}
    generator = torch.Generator().manual_seed(7)
    drawn = [HEADS.random(generator) for _ in range(300)]
    assert {tuple(rows.flatten().tolist()) for rows in drawn} < known and len(known) == 2 * 6**4
    assert torch.stack(drawn).double().mean(0).sub(2.5).abs().max() < 0.5  # no place is preferred
    assert tuple(HEADS.identity.flatten().tolist()) in known


def test_attention_does_not_notice_the_order_of_its_heads():
    shapes = {"query": (6, 4), "key": (6, 4), "value": (6, 4), "out": (4, 6)}
    generator = torch.Generator().manual_seed(8)
    (x, vector) = (torch.randn(*shape, generator=generator) for shape in ((5, 4), (96,)))
    moved = permute(vector, shapes, (HEADS,), random_permutations((HEADS,), generator))

    def attended(vector):
        query, key, value, out = unflatten(vector, shapes).values()
        seen = []
        for rows in torch.arange(6).split(3):
            weights = (x @ query[rows].T @ key[rows] @ x.T).softmax(1)
            seen.append(weights @ x @ value[rows].T @ out[:, rows].T)
        return sum(seen)

    assert not torch.equal(moved, vector)
    torch.testing.assert_close(attended(moved), attended(vector))
