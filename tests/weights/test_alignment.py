"""Permuting neurons keeps the function; matching undoes permutations, and never moves away."""

from itertools import permutations

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS, CNN_S, CNNSpec, Conv
from wsbook.weights.alignment import align, align_together, match, permute, random_permutations
from wsbook.zoo.stacked import logits

DEEP = CNNSpec(8, 2, (Conv(5, 3, 2), Conv(4, 2)), (7, 6), classes=3, activation="tanh")


def drawn(spec, *shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, spec.size, generator=generator), generator


@pytest.mark.parametrize("spec", [CNN_DIGITS, CNN_S, DEEP])
def test_permuted_network_is_the_same_function(spec):
    vector, generator = drawn(spec)
    images = torch.randn(1, 9, spec.channels, spec.side, spec.side, generator=generator)
    for _ in range(3):
        moved = permute(vector, spec.shapes, random_permutations(spec.shapes, generator))
        assert not torch.equal(moved, vector)
        before, after = logits(spec, torch.stack([vector, moved]), images)
        torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("spec", [CNN_DIGITS, CNN_S, DEEP])
def test_matching_undoes_a_permutation(spec):
    vector, generator = drawn(spec)
    moved = permute(vector, spec.shapes, random_permutations(spec.shapes, generator))
    assert torch.equal(align(moved[None], vector, spec.shapes, generator)[0], vector)


def test_matching_undoes_a_permutation_under_noise():
    vector, generator = drawn(CNN_S)
    moved = permute(vector, CNN_S.shapes, random_permutations(CNN_S.shapes, generator))
    noise = 0.2 * torch.randn(moved.shape, generator=generator)
    back = align((moved + noise)[None], vector, CNN_S.shapes, generator)[0]
    assert (back - vector).norm().item() == pytest.approx(noise.norm().item(), rel=1e-4)


def test_matching_never_moves_away_from_the_reference():
    vectors, generator = drawn(CNN_DIGITS, 6)
    aligned = align(vectors[1:], vectors[0], CNN_DIGITS.shapes, generator)
    before, after = (vectors[1:] @ vectors[0]), (aligned @ vectors[0])
    assert (after > before).all()
    torch.testing.assert_close(aligned.norm(dim=1), vectors[1:].norm(dim=1))


def test_the_best_permutation_of_one_layer_is_found():
    """With one hidden layer the assignment is the whole problem: compare with every permutation."""
    spec = CNNSpec(2, 1, (), (4,), classes=3)
    vectors, generator = drawn(spec, 2)
    best = max(
        permute(vectors[1], spec.shapes, [torch.tensor(p)]) @ vectors[0] for p in permutations(range(4))
    )
    found = permute(vectors[1], spec.shapes, match(vectors[1], vectors[0], spec.shapes, generator))
    assert (found @ vectors[0]).item() == pytest.approx(best.item(), rel=1e-6)


def test_aligning_together_finds_the_common_network():
    vector, generator = drawn(CNN_DIGITS)
    copies = torch.stack(
        [
            permute(vector, CNN_DIGITS.shapes, random_permutations(CNN_DIGITS.shapes, generator))
            for _ in range(5)
        ]
    )
    copies += 0.2 * torch.randn(copies.shape, generator=generator)
    aligned, reference = align_together(copies, CNN_DIGITS.shapes, generator)
    spread = (aligned - aligned.mean(0)).square().mean()
    assert spread.item() == pytest.approx(0.04 * 4 / 5, rel=0.1)
    torch.testing.assert_close(reference, aligned.mean(0))
    assert (copies - copies.mean(0)).square().mean() > 10 * spread
