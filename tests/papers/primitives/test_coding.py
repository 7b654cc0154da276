"""Moore-Penrose, OMP and lasso codes against numpy and scikit-learn, and by their properties."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import sparse_encode
from sklearn.linear_model import Lasso, orthogonal_mp

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import (
    kkt_residual,
    largest_eigenvalue_bound,
    lasso,
    lasso_objective,
    omp,
)
from wsbook.papers.primitives.method.projection import pseudo_inverse_codes


def normal(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def relative_residual(W, D, A):
    W, D, A = W.double(), D.double(), A.double()
    return (W - A @ D).norm(dim=-1) / W.norm(dim=-1)


def dictionary_cases():
    D = normal(30, 1024)
    return {
        "full rank": D,
        "repeated atoms": torch.cat([D, D[:3]]),
        "zero atoms": torch.cat([D, torch.zeros(2, 1024)]),
        "nearly repeated": torch.cat([D, D[:1] + 1e-3 * normal(1, 1024, seed=1)]),
        "tiny atoms": torch.cat([D, 1e-7 * normal(2, 1024, seed=2)]),
    }


@pytest.mark.parametrize("case", dictionary_cases())
def test_pseudo_inverse_codes_equal_numpy_pinv(case):
    D = dictionary_cases()[case]
    W = normal(20, len(D), seed=3) @ D + 0.03 * normal(20, 1024, seed=4)
    cutoff = 1024 * torch.finfo(torch.float32).eps
    oracle = torch.from_numpy(W.double().numpy() @ np.linalg.pinv(D.double().numpy(), cutoff))
    A = pseudo_inverse_codes(W, D)
    torch.testing.assert_close(A.double(), oracle, rtol=1e-5, atol=1e-5 * oracle.abs().max())
    residual = relative_residual(W, D, A)
    assert residual.mean() < 0.01  # small, and still right to 1e-5 of itself
    torch.testing.assert_close(residual, relative_residual(W, D, oracle), rtol=1e-5, atol=0)


def test_pseudo_inverse_codes_of_wide_dictionaries_have_least_norm():
    W, D = normal(20, 16), normal(50, 16, seed=1)
    A = pseudo_inverse_codes(W, D)
    oracle = torch.from_numpy(W.double().numpy() @ np.linalg.pinv(D.double().numpy())).float()
    torch.testing.assert_close(A, oracle, rtol=1e-4, atol=1e-5)
    assert relative_residual(W, D, A).max() < 1e-6


def test_pseudo_inverse_codes_of_a_stack_equal_those_of_each_run():
    cases = dictionary_cases()
    stack = torch.stack(
        [cases["full rank"], torch.full((30, 1024), torch.nan)]
        + [cases[name][-30:] for name in ("repeated atoms", "zero atoms", "nearly repeated")]
    )
    W = normal(20, 1024, seed=5)
    A = pseudo_inverse_codes(W, stack)
    assert A[1].isnan().all()  # a diverged run spoils no other
    for run in (0, 2, 3, 4):
        alone = pseudo_inverse_codes(W, stack[run])
        torch.testing.assert_close(A[run], alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("sparsity", [1, 3, 12])
def test_omp_equals_scikit_learn(sparsity):
    D, W = normal(12, 40, dtype=torch.float64), normal(50, 40, seed=1, dtype=torch.float64)
    D = D / D.norm(dim=1, keepdim=True)
    oracle = orthogonal_mp(D.T.numpy(), W.T.numpy(), n_nonzero_coefs=sparsity).T
    torch.testing.assert_close(omp(W, D, sparsity), torch.from_numpy(oracle))


def test_omp_with_every_atom_is_least_squares():
    W, D = normal(20, 64), normal(10, 64, seed=1)
    expected = relative_residual(W, D, pseudo_inverse_codes(W, D))
    torch.testing.assert_close(relative_residual(W, D, omp(W, D, 10)), expected, rtol=1e-6, atol=0)


def test_omp_selects_by_direction_and_scales_with_data_and_atoms():
    W, D = normal(20, 16), normal(40, 16, seed=1)
    A = omp(W, D, 4)
    scale = torch.linspace(0.01, 100, 40)[:, None]
    assert ((A != 0).sum(1) == 4).all()
    torch.testing.assert_close(omp(3 * W, D, 4), 3 * A, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(omp(W, scale * D, 4) * scale.T, A, rtol=1e-4, atol=1e-5)


def test_omp_skips_dependent_atoms_and_stops_at_a_perfect_fit():
    D = torch.cat([normal(3, 8), normal(3, 8), torch.zeros(1, 8)])  # rank 3
    A = omp(normal(5, 8, seed=1), D, 7)
    assert A.isfinite().all() and ((A != 0).sum(1) == 3).all()
    assert ((omp(D[:3], D, 5) != 0).sum(1) == 1).all()
    assert (omp(torch.zeros(2, 8), D, 2) == 0).all()


def test_omp_and_lasso_of_a_stack_equal_those_of_each_run():
    W, D = normal(3, 2, 25, 16), normal(3, 1, 10, 16, seed=1)
    for codes in (lambda W, D: omp(W, D, 3), lambda W, D: lasso(W, D, 0.5, 1e-6)):
        stacked = codes(W, D)
        assert stacked.shape == (3, 2, 25, 10)
        for i in range(3):
            for j in range(2):
                alone = codes(W[i, j], D[i, 0])
                torch.testing.assert_close(stacked[i, j], alone, rtol=1e-4, atol=1e-4)


def correlated_problem():
    """An overcomplete dictionary of similar atoms, on which lasso solvers are slow."""
    spread = torch.linspace(1, 0.1, 24)
    W, D = normal(60, 24) * spread, normal(48, 24, seed=1) * spread
    return W, D / D.norm(dim=1, keepdim=True)


def test_lasso_equals_scikit_learn():
    W, D = correlated_problem()
    W, D = W.double(), D.double()
    A = lasso(W, D, 0.1, tolerance=1e-9, max_iterations=20000)
    encoded = sparse_encode(W.numpy(), D.numpy(), algorithm="lasso_cd", alpha=0.1, max_iter=20000)
    single = Lasso(alpha=0.1 / 24, fit_intercept=False, tol=1e-12, max_iter=100000)
    alone = single.fit(D.T.numpy(), W[0].numpy()).coef_
    torch.testing.assert_close(A, torch.from_numpy(encoded), rtol=0, atol=1e-4)
    torch.testing.assert_close(A[0], torch.from_numpy(alone), rtol=0, atol=1e-5)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-5])
def test_lasso_meets_its_optimality_conditions(tolerance):
    W, D = correlated_problem()
    A = lasso(W, D, 0.1, tolerance, max_iterations=5000)
    largest = (W @ D.T).abs().amax(1)
    assert (kkt_residual(W, D, A, 0.1) <= 1.1 * tolerance * largest).all()
    assert 0.05 < (A != 0).float().mean() < 0.5


def test_lasso_is_zero_from_the_largest_correlation_on():
    W, D = correlated_problem()
    largest = float((W @ D.T).abs().max())
    assert (lasso(W, D, 1.001 * largest) == 0).all()
    assert (lasso(W, D, 0.9 * largest) != 0).any()
    assert (lasso(W, torch.zeros_like(D), 0.1) == 0).all()


def test_lasso_without_penalty_is_least_squares():
    W, D = normal(20, 64), normal(10, 64, seed=1)
    expected = pseudo_inverse_codes(W, D)
    torch.testing.assert_close(lasso(W, D, 0.0, 1e-6), expected, rtol=1e-4, atol=1e-5)


def test_lasso_scales_with_the_data():
    W, D = correlated_problem()
    torch.testing.assert_close(lasso(8 * W, D, 0.8), 8 * lasso(W, D, 0.1), rtol=1e-5, atol=1e-5)


def test_lasso_starts_where_it_is_told():
    W, D = correlated_problem()
    exact = lasso(W, D, 0.1, 1e-6, 5000)
    warm = lasso(W, D, 0.1, 1e-6, 10, start=exact)
    assert lasso_objective(W, D, warm, 0.1) < lasso_objective(W, D, lasso(W, D, 0.1, 1e-6, 10), 0.1)
    torch.testing.assert_close(warm, exact, rtol=0, atol=1e-4)


@pytest.mark.parametrize("rank", [1, 5, 40])
def test_largest_eigenvalue_bound_is_tight_and_safe(rank):
    D = normal(40, rank)
    exact = torch.linalg.eigvalsh((D @ D.T).double())[-1]
    bound = largest_eigenvalue_bound(D @ D.T).squeeze()
    assert exact * (1 - 1e-5) <= bound <= exact * 40 ** (1 / 32) * (1 + 1e-5)


@pytest.mark.parametrize("sparsity", [0, 13, 2.5, -1])
def test_omp_names_a_bad_sparsity(sparsity, one_sentence):
    with pytest.raises(StudyError, match="1 to 12") as caught:
        omp(normal(5, 8), normal(12, 8), sparsity)
    one_sentence(caught.value)


@pytest.mark.parametrize("penalty", [-0.1, float("nan"), float("inf")])
def test_lasso_names_a_bad_penalty(penalty, one_sentence):
    with pytest.raises(StudyError, match="penalty") as caught:
        lasso(normal(5, 8), normal(12, 8), penalty)
    one_sentence(caught.value)


@pytest.mark.parametrize("encode", [lambda W, D: omp(W, D, 1), lambda W, D: lasso(W, D, 0.1)])
@pytest.mark.parametrize("shape", [(12, 9), (0, 8)])
def test_shapes_that_do_not_fit_are_named(encode, shape, one_sentence):
    with pytest.raises(StudyError, match=r"\(5, 8\)") as caught:
        encode(normal(5, 8), torch.zeros(shape))
    one_sentence(caught.value)
