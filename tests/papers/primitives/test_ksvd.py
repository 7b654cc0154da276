"""K-SVD: its error never rises, it finds a planted dictionary, and it fills unused atoms."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import omp
from wsbook.papers.primitives.method.ksvd import ksvd
from wsbook.papers.primitives.method.online import sampled_atoms


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def planted(N=600, d=20, k=8, sparsity=2, noise=0.01, seed=0):
    """Data (N, d) of exactly `sparsity` atoms a sample, and the unit atoms (k, d)."""
    g = generator(seed)
    D = torch.nn.functional.normalize(torch.randn(k, d, generator=g), dim=1)
    support = torch.rand(N, k, generator=g).argsort(1) < sparsity
    A = torch.randn(N, k, generator=g) * support
    return A @ D + noise * torch.randn(N, d, generator=g), D


def test_error_never_rises_and_describes_the_result():
    W, _ = planted(noise=0.3)
    learned = ksvd(W, 8, 3, 15, generator())
    assert all(b <= a * (1 + 1e-6) for a, b in zip(learned.errors, learned.errors[1:]))
    start = sampled_atoms(W, 8, generator())
    assert learned.errors[-1] < 0.9 * (W - omp(W, start, 3) @ start).norm() / W.norm()
    error = (W - learned.codes @ learned.dictionary).norm() / W.norm()
    assert learned.errors[-1] == pytest.approx(float(error), rel=1e-4)
    assert ((learned.codes != 0).sum(1) <= 3).all()
    torch.testing.assert_close(learned.dictionary.norm(dim=1), torch.ones(8))


@pytest.mark.parametrize("seed", [2, 4])
def test_finds_a_planted_dictionary(seed):
    W, D = planted(seed=seed)
    learned = ksvd(W, 8, 2, 30, generator(1))
    match = (D @ learned.dictionary.T).abs().amax(1)
    assert (match > 0.99).all()
    assert learned.errors[-1] < 1.05 * (W - omp(W, D, 2) @ D).norm() / W.norm()


def test_one_atom_is_the_leading_singular_vector():
    W = torch.randn(50, 8, generator=generator()) * torch.linspace(3, 0.5, 8)
    learned = ksvd(W, 1, 1, 60, generator())
    _, values, vectors = torch.linalg.svd(W)
    assert (learned.dictionary @ vectors[0]).abs() > 1 - 1e-4
    assert learned.errors[-1] == pytest.approx(float(values[1:].norm() / values.norm()), rel=1e-4)


def test_unused_atoms_become_badly_represented_samples():
    W, _ = planted()
    start = torch.zeros(8, 20)
    start[0, 0] = 1.0  # seven zero atoms, which OMP never uses
    learned = ksvd(W, 8, 2, 10, generator(), start)
    assert (learned.codes != 0).any(0).all()
    assert learned.errors[-1] < 0.5 * ksvd(W, 1, 1, 10, generator(), start[:1]).errors[-1]


def test_scales_with_the_data_and_repeats_with_the_generator():
    W, _ = planted(noise=0.1)
    first, again = ksvd(W, 8, 2, 5, generator(3)), ksvd(W, 8, 2, 5, generator(3))
    assert torch.equal(first.codes, again.codes) and torch.equal(first.dictionary, again.dictionary)
    torch.testing.assert_close(ksvd(4 * W, 8, 2, 5, generator(3)).codes, 4 * first.codes)


@pytest.mark.parametrize(
    "atoms, sparsity, iterations, message",
    [
        (8, 2, 0, "iterations is 0"),
        (8, 9, 1, "1 to 8"),
        (601, 2, 1, "601 of the 600 samples"),
        (0, 1, 1, "0 of the 600 samples"),
    ],
)
def test_bad_counts_are_named(atoms, sparsity, iterations, message, one_sentence):
    with pytest.raises(StudyError, match=message) as caught:
        ksvd(planted()[0], atoms, sparsity, iterations, generator())
    one_sentence(caught.value)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_data_that_is_not_finite_is_named(value, one_sentence):
    W, _ = planted()
    W[3, 4] = value
    with pytest.raises(StudyError, match="ksvd.* 1 values that are not finite") as caught:
        ksvd(W, 8, 2, 1, generator())
    one_sentence(caught.value)
