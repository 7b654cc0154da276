"""Moore-Penrose codes against torch.linalg.pinv in float64."""

import pytest
import torch

from wsbook.papers.primitives.method.projection import pseudo_inverse_codes


def draws(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def reference(weights, dictionary):
    return weights.double() @ torch.linalg.pinv(dictionary.double(), rtol=1e-6)


@pytest.mark.parametrize("k, d", [(1, 8), (5, 40), (30, 1024), (40, 20)])
def test_agrees_with_pinv(k, d):
    weights, dictionary = draws(3, 6, d), draws(3, k, d, seed=1)
    codes = pseudo_inverse_codes(weights, dictionary)
    assert torch.allclose(codes.double(), reference(weights, dictionary), rtol=1e-4, atol=1e-5)


def test_a_small_residual_keeps_five_digits():
    dictionary = draws(2, 10, 300)
    weights = draws(2, 4, 10, seed=1) @ dictionary + 1e-3 * draws(2, 4, 300, seed=2)
    ours = (weights - pseudo_inverse_codes(weights, dictionary) @ dictionary).norm()
    exact = (weights.double() - reference(weights, dictionary) @ dictionary.double()).norm()
    assert ours.item() == pytest.approx(exact.item(), rel=1e-4)


def test_repeated_and_zero_atoms_take_the_least_norm_solution_and_leave_other_runs_alone():
    dictionary = draws(3, 6, 50)
    dictionary[0, 1] = dictionary[0, 0]
    dictionary[1, 2] = 0
    weights = draws(3, 4, 50, seed=3)
    codes = pseudo_inverse_codes(weights, dictionary)
    assert torch.allclose(codes.double(), reference(weights, dictionary), rtol=1e-4, atol=1e-5)
    assert torch.allclose(codes[0, :, 0], codes[0, :, 1], atol=1e-5)


def test_a_diverged_run_gives_nan_and_spares_the_others():
    dictionary, weights = draws(2, 4, 30), draws(2, 3, 30, seed=1)
    dictionary[0] = float("nan")
    codes = pseudo_inverse_codes(weights, dictionary)
    assert codes[0].isnan().all() and codes[1].isfinite().all()
