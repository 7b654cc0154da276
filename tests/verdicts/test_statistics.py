"""Intervals and tests against scipy, by simulation, and at their edges."""

import numpy as np
import pytest
from scipy import stats

from wsbook.verdicts.statistics import (
    PairedT,
    SignFlip,
    bootstrap_interval,
    holm,
    kendall,
    page_trend,
    quantile_interval,
    t_interval,
    tost,
)


@pytest.fixture
def generator():
    return np.random.default_rng(20)


def covers(interval, truth):
    low, high = interval
    return np.mean((low <= truth) & (truth <= high))


def test_t_interval_is_that_of_scipy(generator):
    x = generator.normal(size=(9, 3))
    low, high = t_interval(x, 0.9)
    expected = stats.t.interval(0.9, 8, x.mean(0), stats.sem(x))
    np.testing.assert_allclose((low, high), expected)


def test_bootstrap_interval_agrees_with_the_bca_of_scipy(generator):
    x = generator.exponential(size=30)
    ours = bootstrap_interval(x, generator, 0.95, resamples=50_000)
    theirs = stats.bootstrap((x,), np.mean, n_resamples=50_000, rng=generator).confidence_interval
    np.testing.assert_allclose(ours, theirs, atol=0.03 * np.ptp(theirs))


def test_bootstrap_columns_are_independent_of_their_neighbours(generator):
    x = generator.normal(size=(10, 2, 3))
    together = bootstrap_interval(x, np.random.default_rng(1))
    alone = bootstrap_interval(x[:, 1, 2], np.random.default_rng(1))
    assert together[0].shape == (2, 3)
    np.testing.assert_allclose([end[1, 2] for end in together], alone)


def test_intervals_of_constant_samples_are_points(generator):
    x = np.full(7, 0.25)
    for low, high in (t_interval(x), bootstrap_interval(x, generator), quantile_interval(x, 0.5)):
        np.testing.assert_allclose((low, high), 0.25)


@pytest.mark.parametrize("n", [5, 30])
def test_t_interval_covers_normal_means(n, generator):
    assert covers(t_interval(generator.normal(size=(n, 4000))), 0) == pytest.approx(0.95, abs=0.012)


def test_bootstrap_covers_at_thirty_seeds_but_not_at_five(generator):
    """The measured reason for Student's interval as the default."""
    many = bootstrap_interval(generator.normal(size=(30, 2000)), generator, resamples=2000)
    few = bootstrap_interval(generator.normal(size=(5, 2000)), generator, resamples=2000)
    assert covers(many, 0) > 0.91
    assert covers(few, 0) < 0.90


@pytest.mark.parametrize(("n", "q"), [(20, 0.5), (60, 0.9)])
def test_quantile_interval_covers_without_being_idle(n, q, generator):
    x = generator.exponential(size=(n, 4000))
    covered = covers(quantile_interval(x, q), -np.log(1 - q))
    assert 0.94 <= covered < 0.99


def test_quantile_interval_of_the_median_is_the_sign_test_interval(generator):
    x = np.sort(generator.normal(size=20))
    assert quantile_interval(x, 0.5) == (x[5], x[14])  # tabulated ranks 6 and 15 for n = 20


@pytest.mark.parametrize(("n", "level", "bounded"), [(35, 0.95, 0), (36, 0.95, 1), (29, 0.9, 1)])
def test_quantile_interval_is_open_where_samples_are_too_few(n, level, bounded):
    low, high = quantile_interval(np.arange(float(n)), 0.9, level)
    assert np.isfinite(low)
    assert np.isfinite(high) == bounded


@pytest.mark.parametrize("margin", [0.0, 0.3])
@pytest.mark.parametrize("side", ["greater", "less"])
def test_exact_sign_flip_test_is_that_of_scipy(side, margin, generator):
    d = generator.normal(0.4, 1, size=9)
    expected = stats.permutation_test(
        (d - margin,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=side
    )
    assert getattr(SignFlip(d, generator), side)(margin) == pytest.approx(expected.pvalue)


def test_ties_survive_rounding(generator):
    whole = np.arange(1, 10)
    tenths, ones = SignFlip(0.1 * whole, generator), SignFlip(whole, generator)
    for margin in (3, 4, 5):
        assert tenths.greater(0.1 * margin) == ones.greater(margin)
        assert tenths.less(0.1 * margin) == ones.less(margin)


def test_drawn_flips_approach_the_paired_t_test_for_many_seeds(generator):
    d = generator.normal(0.2, 1, size=(40, 5))
    np.testing.assert_allclose(SignFlip(d, generator).greater(), PairedT(d).greater(), atol=0.02)


@pytest.mark.parametrize("n", [6, 20])
def test_sign_flip_interval_holds_exactly_the_margins_that_no_test_rejects(n, generator):
    test, alpha = SignFlip(generator.normal(size=n), generator), 0.05
    low, high = test.interval(alpha)
    assert test.greater(low - 1e-9) <= alpha < test.greater(low + 1e-9)
    assert test.less(high + 1e-9) <= alpha < test.less(high - 1e-9)


def test_sign_flip_interval_is_unbounded_where_no_p_value_can_reach_alpha(generator):
    test = SignFlip(np.ones(4), generator)
    assert test.greater() == 1 / 16
    assert test.interval(0.05) == (-np.inf, np.inf)


def test_sign_flip_level_is_exact_for_skewed_but_symmetric_noise(generator):
    """Cauchy differences: no variance, yet the level holds because they are symmetric."""
    d = generator.standard_cauchy(size=(8, 4000))
    p = SignFlip(d, generator).greater()
    assert np.mean(p <= 0.05) == pytest.approx(12 / 256, abs=0.011)  # floor(.05 x 2^8) / 2^8


def test_equal_samples_are_no_evidence(generator):
    for test in (SignFlip(np.zeros(8), generator), PairedT(np.zeros(8))):
        assert test.greater() == test.less() == 1


def test_constant_difference_is_the_strongest_evidence(generator):
    d = np.full(8, 0.1)
    assert SignFlip(d, generator).greater() == 2**-8
    assert SignFlip(d, generator).less() == 1
    assert PairedT(d).greater() == 0


@pytest.mark.parametrize(("side", "sign"), [("greater", 1), ("less", -1)])
def test_paired_t_test_is_that_of_scipy(side, sign, generator):
    d = generator.normal(size=(12, 4))
    expected = stats.ttest_1samp(d, sign * 0.2, alternative=side).pvalue
    np.testing.assert_allclose(getattr(PairedT(d), side)(sign * 0.2), expected)


def test_tost_is_the_larger_of_two_one_sided_tests(generator):
    d = generator.normal(0.1, 0.2, size=20)
    above = stats.ttest_1samp(d, -0.2, alternative="greater").pvalue
    below = stats.ttest_1samp(d, 0.2, alternative="less").pvalue
    assert tost(PairedT(d), 0.2) == pytest.approx(max(above, below))


@pytest.mark.parametrize("n", [8, 30])
def test_tost_errs_at_most_at_its_level_on_the_edge_of_equivalence(n, generator):
    d = generator.normal(0.5, 0.3, size=(n, 1000))
    for test in (SignFlip(d, generator), PairedT(d)):
        assert np.mean(tost(test, 0.5) <= 0.05) == pytest.approx(0.05, abs=0.02)


def test_holm_known_answer_and_batches():
    p = np.array([[0.01, 0.04, 0.03, 0.005], [0.5, 0.9, 0.4, 0.45]])
    np.testing.assert_allclose(holm(p), [[0.03, 0.06, 0.06, 0.02], [1, 1, 1, 1]])


def test_holm_bounds_the_family_wise_error(generator):
    p = holm(generator.uniform(size=(4000, 5)))
    assert np.mean((p <= 0.05).any(axis=1)) == pytest.approx(0.05, abs=0.012)


def test_page_trend_is_that_of_scipy_and_batches(generator):
    x = generator.normal(size=(3, 12, 5)) + 0.2 * np.arange(5)
    expected = [stats.page_trend_test(table, method="asymptotic").pvalue for table in x]
    np.testing.assert_allclose(page_trend(x), expected)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("shape", [(5, 3), (30, 4)])
def test_page_trend_keeps_its_level_with_and_without_ties(shape, tied, generator):
    x = generator.normal(size=(4000, *shape))
    rate = np.mean(page_trend(np.round(x) if tied else x) <= 0.05)
    assert rate == pytest.approx(0.05, abs=0.015)


def test_page_trend_of_constant_rows_is_no_evidence():
    assert page_trend(np.ones((6, 4))) == 0.5


def test_kendall_is_that_of_scipy_row_by_row(generator):
    x = generator.integers(0, 4, size=(20, 5)).astype(float)
    expected = [stats.kendalltau(np.arange(5), row).statistic for row in x]
    np.testing.assert_allclose(kendall(x), np.nan_to_num(expected))


def test_kendall_of_a_constant_row_is_zero():
    assert kendall(np.ones(4)) == 0
