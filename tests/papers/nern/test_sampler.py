"""Batches follow the laws that they are said to follow."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.nern.method.sampler import KernelSampler

N, B = 50, 40


def sampler(uniform, norms=None, batch=B, seed=0):
    kernels = torch.zeros(N, 9)
    kernels[:, 3] = torch.arange(N).float() if norms is None else norms
    return KernelSampler(kernels, batch, uniform, torch.Generator().manual_seed(seed))


def chi_square(counts, expected):
    return ((counts - expected).square() / expected).sum().item()


def limit(freedom):
    """A value of chi square that is exceeded by chance once in more than 100,000 times."""
    return freedom + 5 * (2 * freedom) ** 0.5


def test_uniform_batches_repeat_nothing_and_prefer_nothing():
    draws, counts = 400, torch.zeros(N)
    source = sampler(1.0)
    for _ in range(draws):
        batch = source.draw()
        assert batch.counted is None and batch.rows.dtype == torch.int64
        rows = batch.rows.tolist()
        assert len(rows) == len(set(rows)) == B and set(rows) <= set(range(N))
        counts[rows] += 1
    share = B / N  # without replacement the variance is smaller by 1 - share
    statistic = chi_square(counts, torch.full((N,), draws * share)) / (1 - share)
    assert N / 3 < statistic < limit(N - 1)


@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_other_batches_follow_the_norms(scale):
    norms = scale * torch.arange(N).float()  # the first kernel is zero
    source, counts = sampler(0.0, norms), torch.zeros(N)
    for _ in range(300):
        counts += source.draw().rows.bincount(minlength=N)
    assert counts[0] == 0 and counts.sum() == 300 * B
    expected = norms[1:] / norms.sum() * 300 * B
    assert N / 3 < chi_square(counts[1:], expected) < limit(N - 2)


def test_a_kernel_counts_once_however_often_it_was_drawn():
    source, repeated = sampler(0.0), 0
    for _ in range(20):
        batch = source.draw()
        seen = set()
        for row, counted in zip(batch.rows.tolist(), batch.counted.tolist(), strict=True):
            assert counted == (0.0 if row in seen else 1.0)
            seen.add(row)
        repeated += B - len(seen)
    assert repeated > 50


def test_the_share_of_uniform_batches():
    source = sampler(0.8)
    found = sum(source.draw().counted is None for _ in range(1000))
    assert abs(found - 800) < 5 * (1000 * 0.8 * 0.2) ** 0.5


def test_batches_follow_the_seed():
    first, same, other = (sampler(0.5, seed=seed) for seed in (0, 0, 1))
    rows = [torch.stack([source.draw().rows for _ in range(10)]) for source in (first, same, other)]
    assert torch.equal(rows[0], rows[1]) and not torch.equal(rows[0], rows[2])


def test_a_batch_of_all_kernels():
    assert sampler(1.0, batch=N).draw().rows.sort().values.tolist() == list(range(N))


@pytest.mark.parametrize("batch", [0, -1, N + 1])
def test_a_batch_that_does_not_suit_the_network(batch, one_sentence):
    with pytest.raises(
        StudyError, match=f"a batch of {batch} .* of {N} kernels; choose 1 to {N}"
    ) as caught:
        sampler(1.0, batch=batch)
    one_sentence(caught.value)


@pytest.mark.parametrize("uniform", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_no_probability(uniform, one_sentence):
    with pytest.raises(StudyError, match="between 0 and 1") as caught:
        sampler(uniform)
    one_sentence(caught.value)
