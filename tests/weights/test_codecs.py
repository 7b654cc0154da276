"""Codecs: what is stored can be counted by hand, and gives back what it should."""

from itertools import pairwise

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.weights.codecs import (
    half,
    layer_low_rank,
    lloyd,
    low_rank,
    nearest,
    quantise,
    scalar_codebook,
    vector_codebook,
)


def rand(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_quantise_uses_few_even_levels_a_column():
    values = rand(500, 3) * torch.tensor([1.0, 10.0, 0.01])
    for bits in (2, 3, 5):
        for column in quantise(values, bits).T:
            levels = column.unique()
            assert len(levels) <= 2**bits
            half_steps = levels / levels.abs().min()
            assert torch.allclose(half_steps, half_steps.round(), atol=1e-3)
            assert (half_steps.round() % 2 == 1).all()


def test_quantise_error_falls_fourfold_a_bit():
    values = rand(5000, 1)
    errors = [(quantise(values, b) - values).square().mean().item() for b in (5, 6, 7, 8)]
    assert all(2.5 < a / b < 5 for a, b in pairwise(errors))
    assert (quantise(values, 16) - values).abs().max() < 1e-3


def test_quantise_is_near_the_best_uniform_quantiser_of_gaussians():
    """Max (1960), table II: squared errors 0.1188, 0.0374 and 0.0115 with 4, 8 and 16 levels."""
    values = rand(20000, 1)
    for bits, error in ((2, 0.1188), (3, 0.0374), (4, 0.0115)):
        assert (quantise(values, bits) - values).square().mean().item() == pytest.approx(error, rel=0.05)


def test_quantise_keeps_zero_columns_and_refuses_bad_bits():
    assert quantise(torch.zeros(4, 2), 4).abs().sum() < 1e-30
    with pytest.raises(StudyError, match="2 to 16 bits"):
        quantise(rand(4, 2), 1)


def test_low_rank_of_low_rank_data():
    values = rand(200, 3) @ rand(3, 9, seed=1)
    coded = low_rank(values, 3, 16)
    assert (coded.values - values).norm() < 1e-2 * values.norm()
    assert coded.bits == 200 * 3 * 16 + 3 * 32 + 27 * 16
    assert (low_rank(values, 2, 16).values - values).norm() > 0.05 * values.norm()


def test_layer_low_rank():
    values = torch.cat([rand(4 * 3, 9), 5 * rand(6 * 2, 9, seed=1)])
    whole = layer_low_rank(values, [(4, 3), (6, 2)], 1.0, 16)
    assert (whole.values - values).norm() < 1e-3 * values.norm()
    assert whole.bits == 4 * ((4 + 27) * 16 + 64) + 6 * ((6 + 18) * 16 + 64)
    part = layer_low_rank(values, [(4, 3), (6, 2)], 0.5, 16)
    assert part.bits == 2 * ((4 + 27) * 16 + 64) + 3 * ((6 + 18) * 16 + 64)
    assert torch.linalg.matrix_rank(part.values[:12].reshape(4, 27)) == 2


def test_kmeans_finds_separated_clusters():
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    values = centres.repeat(50, 1) + 0.1 * rand(200, 2)
    for seed in range(20):  # a random start may leave two centroids in one cluster: take the best
        found = lloyd(values, 4, torch.Generator().manual_seed(seed))
        if (torch.cdist(centres, found).amin(1) < 0.1).all():
            break
    else:
        pytest.fail("no start found the clusters")
    owner = nearest(values, found)
    assert all(len(set(owner[i::4].tolist())) == 1 for i in range(4))


def test_codebooks_are_counted_and_small():
    values = rand(300, 9)
    coded = vector_codebook(values, 8, torch.Generator().manual_seed(0))
    assert len(coded.values.unique(dim=0)) <= 8
    assert coded.bits == 300 * 3 + 8 * 9 * 16
    assert torch.equal(coded.values, half(coded.values))
    scalar = scalar_codebook(values, [100, 200], 2, torch.Generator().manual_seed(0))
    assert scalar.bits == 2700 * 2 + 2 * 4 * 16
    assert len(scalar.values[:100].unique()) == 4
    assert (scalar.values - values).square().mean() == pytest.approx(0.1175, rel=0.1)  # Lloyd-Max, 2 bits


def test_too_many_centroids():
    with pytest.raises(StudyError, match="cannot place 9"):
        lloyd(rand(8, 2), 9, torch.Generator())
