"""Decision rules: known verdicts, error rates under the null, negative controls, invariances."""

import itertools
import time
from collections import Counter

import numpy as np
import pytest

from wsbook.errors import StudyError
from wsbook.verdicts.rules import (
    RULES,
    Best,
    Difference,
    Each,
    Every,
    Order,
    Threshold,
    Trend,
    Value,
    Verdict,
    conjunction,
    make_rule,
)
from wsbook.verdicts.statistics import kendall

REPRODUCED, PARTLY, NOT_REPRODUCED, INCONCLUSIVE, NOT_RUN = Verdict

VALUE = Value(paper=0.22, band=0.03)
RISING = Order(expect="increasing")
RELATIONAL = {
    "order": RISING,
    "order, t": Order(expect="increasing", method="t"),
    "trend": Trend(expect="increasing"),
    "best": Best(expect="lowest"),
    "difference": Difference(expect="less"),
    "difference, t": Difference(expect="less", method="t"),
}


def decide(rule, samples, seed=0, paper_scale=True):
    return rule.decide(samples, seed, paper_scale=paper_scale)


def verdict(rule, samples, **kwargs):
    return decide(rule, samples, **kwargs).verdict


def noise(shape, seed=0, scale=1.0):
    """Noise whose columns have mean exactly zero, so that the means of a case are what it says."""
    x = np.random.default_rng(seed).normal(scale=scale, size=shape)
    return x - x.mean(axis=0)


def settings(*means, n=20, scale=0.1):
    return np.array(means) + noise((n, len(means)), scale=scale)


def width(rule):
    return 2 if isinstance(rule, Difference) else 4


# Value and threshold


@pytest.mark.parametrize("method", ["t", "bca"])
@pytest.mark.parametrize(
    ("mean", "expected"),
    [(0.22, REPRODUCED), (0.20, REPRODUCED), (0.25, INCONCLUSIVE), (0.30, NOT_REPRODUCED)],
)
def test_value_by_where_its_interval_lies(mean, expected, method):
    rule = Value(paper=0.22, band=0.03, method=method)
    outcome = decide(rule, mean + noise(30, scale=0.02))
    assert outcome.verdict is expected
    assert outcome.estimate == pytest.approx(mean)
    assert outcome.interval[0] < mean < outcome.interval[1]
    assert (outcome.n, outcome.level) == (30, 0.95)


def test_value_too_noisy_to_tell_is_inconclusive():
    assert verdict(VALUE, 0.22 + noise(10, scale=0.2)) is INCONCLUSIVE


@pytest.mark.parametrize("n", [5, 30])
def test_value_on_the_edge_of_its_band_is_seldom_reproduced(n):
    draws = np.random.default_rng(1).normal(0.25, 0.01, size=(400, n))
    counts = Counter(verdict(VALUE, x) for x in draws)
    assert counts[REPRODUCED] / 400 == pytest.approx(0.025, abs=0.02)
    assert counts[NOT_REPRODUCED] / 400 == pytest.approx(0.025, abs=0.02)


@pytest.mark.parametrize(
    ("rule", "mean", "expected"),
    [
        (Threshold(below=0.15), 0.10, REPRODUCED),
        (Threshold(below=0.15), 0.15, INCONCLUSIVE),
        (Threshold(below=0.15), 0.20, NOT_REPRODUCED),
        (Threshold(above=0.15), 0.20, REPRODUCED),
        (Threshold(above=0.15), 0.10, NOT_REPRODUCED),
        (Threshold(below=0.15, method="bca"), 0.10, REPRODUCED),
        (Threshold(below=0.15, statistic="median"), 0.10, REPRODUCED),
        (Threshold(below=0.15, statistic="q90"), 0.10, REPRODUCED),
        (Threshold(below=0.15, statistic="q90"), 0.14, NOT_REPRODUCED),
    ],
)
def test_threshold_by_the_side_of_its_interval(rule, mean, expected):
    assert verdict(rule, mean + noise(60, scale=0.02)) is expected


def test_upper_quantile_of_few_seeds_is_not_bounded_from_above():
    outcome = decide(Threshold(below=0.15, statistic="q90"), 0.10 + noise(30, scale=0.001))
    assert outcome.verdict is INCONCLUSIVE
    assert outcome.interval[1] == np.inf


@pytest.mark.parametrize(
    ("estimates", "expected"),
    [
        ([[3.0, 1.0], [2.0, 1.0]], REPRODUCED),
        ([[3.0, 1.0], [1.9, 1.0]], INCONCLUSIVE),  # not shown is not refuted
        ([[3.0, 1.0], [-1.9, 1.0]], INCONCLUSIVE),
        ([[9.0, 1.0], [-2.0, 1.0]], NOT_REPRODUCED),
        ([[9.0, 1.0], [0.2, 0.1]], REPRODUCED),  # each by its own error
    ],
)
def test_each_estimate_by_its_own_standard_error(estimates, expected):
    assert verdict(Each(above=0.0, min_n=2), estimates) is expected
    mirrored = np.array(estimates) * [-1, 1]
    outcome = decide(Each(below=0.0, min_n=2), mirrored)
    assert outcome.verdict is expected
    worst = mirrored[(mirrored @ [1, 1.96]).argmax()]
    assert outcome.estimate == worst[0]
    assert outcome.interval == pytest.approx(
        [worst[0] - 1.96 * worst[1], worst[0] + 1.96 * worst[1]], abs=1e-3
    )


@pytest.mark.parametrize(
    ("rule", "worst", "expected"),
    [
        (Every(below=1), 0.99, REPRODUCED),
        (Every(below=1), 1.0, NOT_REPRODUCED),
        (Every(above=0.5), 0.6, REPRODUCED),
        (Every(above=0.5), 0.4, NOT_REPRODUCED),
    ],
)
def test_one_sample_beyond_the_bound_refutes_what_is_said_of_all(rule, worst, expected):
    outcome = decide(rule, [0.8, 0.8, 0.8, 0.8, 0.8, worst])
    assert (outcome.verdict, outcome.n, outcome.estimate, outcome.interval) == (expected, 6, worst, None)


@pytest.mark.parametrize("rule", [VALUE, Threshold(below=0.3), Every(below=0.3)])
def test_a_number_measured_below_the_papers_scale_is_at_most_partly_reproduced(rule):
    x = 0.22 + noise(30, scale=0.01)
    outcome = decide(rule, x, paper_scale=False)
    assert verdict(rule, x) is REPRODUCED
    assert outcome.verdict is PARTLY
    assert "below the paper's scale" in outcome.detail
    assert verdict(rule, x + 1, paper_scale=False) is NOT_REPRODUCED


@pytest.mark.parametrize(
    ("held", "expected"), [(96, REPRODUCED), (95, NOT_REPRODUCED), (0, NOT_REPRODUCED)]
)
def test_a_share_of_all_samples_must_be_exceeded(held, expected):
    samples = np.repeat([1.0, 0.0], [held, 100 - held])
    outcome = decide(Every(above=0.5, share=0.95), samples)
    assert (outcome.verdict, outcome.n, outcome.interval) == (expected, 100, None)
    assert outcome.estimate == pytest.approx(held / 100)


def test_a_bound_of_ours_can_be_met_below_the_papers_scale():
    x = 0.22 + noise(30, scale=0.01)
    for rule in (Threshold(below=0.3, ours=True), Every(below=0.3, ours=True)):
        assert verdict(rule, x, paper_scale=False) is REPRODUCED
        assert verdict(rule, x + 1, paper_scale=False) is NOT_REPRODUCED


def test_a_level_that_needs_the_papers_scale_is_not_refuted_below_it():
    rule = Difference(expect="no less", margin=0.1, needs_scale=True)
    x = noise((30, 2), scale=0.01)
    outcome = decide(rule, x - [1, 0], paper_scale=False)
    assert outcome.verdict is INCONCLUSIVE
    assert "below the paper's scale; which may be why it falls short" in outcome.detail
    assert verdict(rule, x - [1, 0]) is NOT_REPRODUCED
    assert verdict(rule, x, paper_scale=False) is REPRODUCED


@pytest.mark.parametrize("rule", RELATIONAL.values(), ids=RELATIONAL)
def test_a_relation_may_be_reproduced_at_any_scale_and_says_at_which(rule):
    x = settings(*range(width(rule)))
    for at, word in ((True, "at the paper's scale"), (False, "below the paper's scale")):
        outcome = decide(rule, x, paper_scale=at)
        assert outcome.verdict is REPRODUCED
        assert word in outcome.detail


# Relations between settings


@pytest.mark.parametrize("method", ["sign-flip", "t"])
@pytest.mark.parametrize(
    ("means", "margin", "expected"),
    [
        ((1, 2, 3), 0.0, REPRODUCED),
        ((3, 2, 1), 0.0, NOT_REPRODUCED),
        ((1, 3, 2), 0.0, PARTLY),
        ((1, 2, 2), 0.0, INCONCLUSIVE),  # the second step is neither confirmed nor reversed
        ((2, 2, 2), 0.0, INCONCLUSIVE),
        ((1, 2, 2), 0.5, PARTLY),  # ... but shown to be smaller than what counts
        ((2, 2, 2), 0.5, NOT_REPRODUCED),
        ((1, 2, 2.5), 0.5, INCONCLUSIVE),
    ],
)
def test_order(means, margin, expected, method):
    x = settings(*means)
    assert verdict(Order(expect="increasing", margin=margin, method=method), x) is expected
    assert verdict(Order(expect="decreasing", margin=margin, method=method), -x) is expected


def test_order_shows_the_step_with_the_weakest_evidence():
    outcome = decide(RISING, settings(1, 2, 2.1, 4))
    assert outcome.estimate == pytest.approx(0.1)
    assert 0 < outcome.interval[0] < 0.1 < outcome.interval[1]
    assert outcome.p <= 0.05
    assert outcome.level == pytest.approx(0.9)


@pytest.mark.parametrize("method", ["sign-flip", "t"])
def test_a_single_difference_is_confirmed_exactly_where_its_interval_excludes_the_margin(method):
    rule = Difference(expect="less", margin=0.1, method=method)
    for effect in np.linspace(0.1, 0.9, 25):
        outcome = decide(rule, settings(0, effect, n=12, scale=0.5))
        assert (outcome.verdict is REPRODUCED) == (outcome.interval[0] > 0.1)


def test_rows_are_paired_so_that_what_a_seed_shares_cancels():
    seeds = noise((20, 1), seed=5, scale=10)
    assert verdict(RISING, seeds + settings(1, 2, 3)) is REPRODUCED


@pytest.mark.parametrize(
    ("means", "margin", "expected"),
    [
        ((1, 2, 3, 2), 0.0, REPRODUCED),
        ((2, 1, 3, 3), 0.0, NOT_REPRODUCED),  # beaten once is not best, whatever else it beats
        ((1, 1, 2, 2), 0.0, INCONCLUSIVE),
        ((1, 1, 2, 2), 0.5, PARTLY),  # among the best
        ((1, 1, 1, 1), 0.5, NOT_REPRODUCED),
        ((1, 1, 1.5, 2), 0.5, INCONCLUSIVE),
    ],
)
def test_best(means, margin, expected):
    x = settings(*means)
    assert verdict(Best(expect="lowest", margin=margin), x) is expected
    assert verdict(Best(expect="highest", margin=margin), -x) is expected


@pytest.mark.parametrize(
    ("expect", "gap", "margin", "expected"),
    [
        ("greater", 1.0, 0.0, REPRODUCED),
        ("greater", -1.0, 0.0, NOT_REPRODUCED),
        ("greater", 0.0, 0.0, INCONCLUSIVE),
        ("greater", 0.2, 0.5, NOT_REPRODUCED),
        ("less", -1.0, 0.5, REPRODUCED),
        ("less", 1.0, 0.0, NOT_REPRODUCED),
        ("no less", 2.0, 0.5, REPRODUCED),
        ("no less", -0.1, 0.5, REPRODUCED),
        ("no less", -0.5, 0.5, INCONCLUSIVE),
        ("no less", -1.0, 0.5, NOT_REPRODUCED),
        ("no greater", -2.0, 0.5, REPRODUCED),
        ("no greater", 1.0, 0.5, NOT_REPRODUCED),
        ("equal", 0.1, 0.5, REPRODUCED),
        ("equal", 0.5, 0.5, INCONCLUSIVE),
        ("equal", 1.0, 0.5, NOT_REPRODUCED),
        ("equal", -1.0, 0.5, NOT_REPRODUCED),
    ],
)
def test_difference(expect, gap, margin, expected):
    rule = Difference(expect=expect, margin=margin)
    outcome = decide(rule, settings(gap, 0))
    assert outcome.verdict is expected
    assert abs(outcome.estimate) == pytest.approx(abs(gap))


OPPOSITE = {REPRODUCED: NOT_REPRODUCED, NOT_REPRODUCED: REPRODUCED, INCONCLUSIVE: INCONCLUSIVE}


@pytest.mark.parametrize("method", ["sign-flip", "t"])
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(
    ("gap", "expected"),
    [(1.0, REPRODUCED), (0.5, INCONCLUSIVE), (0.1, NOT_REPRODUCED), (0.0, NOT_REPRODUCED)],
)
def test_different_means_by_more_than_the_margin_in_whichever_direction(gap, expected, direction, method):
    x = settings(direction * gap, 0)
    rule = Difference(expect="different", margin=0.5, method=method)
    outcome = decide(rule, x)
    assert outcome.verdict is expected
    assert outcome.estimate == pytest.approx(direction * gap)
    assert verdict(rule, x[:, ::-1]) is expected  # it does not matter which is called a
    equal = Difference(expect="equal", margin=0.5, method=method)
    assert verdict(equal, x) is OPPOSITE[expected]


@pytest.mark.parametrize("method", ["sign-flip", "t"])
def test_different_is_confirmed_exactly_where_its_interval_lies_wholly_beyond_the_margin(method):
    rule = Difference(expect="different", margin=0.1, method=method)
    for effect in np.linspace(-0.9, 0.9, 25):
        outcome = decide(rule, settings(effect, 0, n=12, scale=0.5))
        low, high = outcome.interval
        assert (outcome.verdict is REPRODUCED) == (low > 0.1 or high < -0.1)
        assert outcome.level == pytest.approx(0.95)


def test_different_divides_its_error_between_the_sides_and_so_needs_a_seed_more():
    rule = Difference(expect="different", margin=0.5)
    outcome = decide(rule, settings(5, 0, n=5))
    assert outcome.verdict is INCONCLUSIVE
    assert "too few seeds for this test to reach 5 %" in outcome.detail
    assert verdict(rule, settings(5, 0, n=6)) is REPRODUCED


@pytest.mark.parametrize("method", ["t", "bca"])
@pytest.mark.parametrize(
    ("slope", "expected"),
    [(3, REPRODUCED), (0.25, PARTLY), (0, NOT_REPRODUCED), (-1, NOT_REPRODUCED)],
)
def test_trend(slope, expected, method):
    x = slope * np.arange(5) + noise((40, 5), seed=2)
    rule = Trend(expect="increasing", method=method)
    assert verdict(rule, x) is expected
    assert verdict(Trend(expect="decreasing", method=method), -x) is expected
    low, high = decide(rule, x).interval
    assert -1 <= low <= high <= 1


def test_trend_that_few_seeds_leave_open_is_inconclusive():
    mixed = np.array([[1, 2, 3], [1, 2, 3], [3, 2, 1], [1, 3, 2], [2, 3, 1]])
    assert verdict(Trend(expect="increasing"), mixed) is INCONCLUSIVE


def test_an_opposite_trend_refutes_only_where_the_interval_excludes_what_is_claimed():
    falls, rises = [4, 3, 2, 1], [1, 2, 3, 4]
    few = decide(Trend(expect="increasing"), [falls] * 4 + [rises])
    assert few.verdict is INCONCLUSIVE and few.interval[1] > 0.5
    more = decide(Trend(expect="increasing"), [falls] * 8 + [rises] * 2)
    assert more.verdict is NOT_REPRODUCED and more.interval[1] < 0.5


# Error rates and negative controls


@pytest.mark.parametrize("n", [8, 30])
@pytest.mark.parametrize("rule", RELATIONAL.values(), ids=RELATIONAL)
def test_exchangeable_settings_are_seldom_reproduced(rule, n):
    repeats = 100 if getattr(rule, "method", "") == "sign-flip" and n > 12 else 200
    draws = np.random.default_rng(3).exponential(size=(repeats, n, width(rule)))
    counts = Counter(verdict(rule, x, seed=i) for i, x in enumerate(draws))
    assert counts[REPRODUCED] / repeats <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / repeats)
    if not isinstance(rule, (Trend, Best)):  # there, what is not so is refuted, and rightly
        assert counts[NOT_REPRODUCED] / repeats <= 0.05 * (width(rule) - 1) + 0.06


def test_a_difference_at_the_margin_is_seldom_called_equal():
    draws = np.random.default_rng(4).normal(size=(300, 10, 2)) + [0.5, 0]
    rule = Difference(expect="equal", margin=0.5)
    assert np.mean([verdict(rule, x) is REPRODUCED for x in draws]) <= 0.07


@pytest.mark.parametrize("method", ["sign-flip", "t"])
@pytest.mark.parametrize("gap", [-0.5, 0.0, 0.5])
def test_null_effects_up_to_the_margin_are_seldom_called_different(gap, method):
    draws = np.random.default_rng(8).normal(size=(300, 10, 2)) + [gap, 0]
    rule = Difference(expect="different", margin=0.5, method=method)
    assert np.mean([verdict(rule, x) is REPRODUCED for x in draws]) <= 0.05


@pytest.mark.parametrize("direction", [1, -1])
def test_shuffled_labels_void_a_difference_in_either_direction(direction):
    x = settings(direction, 0, n=20, scale=0.1)
    rule = Difference(expect="different", margin=0.2)
    assert verdict(rule, x) is REPRODUCED
    generator = np.random.default_rng(9)
    shuffled = [verdict(rule, generator.permuted(x, axis=1), seed=i) for i in range(40)]
    assert shuffled.count(REPRODUCED) <= 3


@pytest.mark.parametrize("n", [5, 10, 30])
def test_a_trend_no_stricter_than_its_minimum_is_seldom_reproduced(n):
    draws = np.random.default_rng(5).normal(size=(300, n, 4)) + 0.6 * np.arange(4)
    mean_tau = kendall(draws).mean()
    rule = Trend(expect="increasing", minimum=mean_tau)
    assert mean_tau == pytest.approx(0.5, abs=0.02)
    assert np.mean([verdict(rule, x) is REPRODUCED for x in draws]) <= 0.08


@pytest.mark.parametrize("rule", RELATIONAL.values(), ids=RELATIONAL)
def test_shuffled_labels_void_the_verdict(rule):
    x = settings(*range(width(rule)), n=20, scale=0.3)
    assert verdict(rule, x) is REPRODUCED
    generator = np.random.default_rng(6)
    shuffled = [verdict(rule, generator.permuted(x, axis=1), seed=i) for i in range(40)]
    assert shuffled.count(REPRODUCED) <= 5


@pytest.mark.parametrize("rule", RELATIONAL.values(), ids=RELATIONAL)
def test_reversed_labels_flip_the_verdict(rule):
    x = settings(*range(width(rule)))
    assert verdict(rule, x[:, ::-1]) is NOT_REPRODUCED


@pytest.mark.parametrize("shift", [-0.1, 0.1])
def test_a_shifted_value_leaves_the_band(shift):
    x = 0.22 + noise(30, scale=0.02)
    assert verdict(VALUE, x) is REPRODUCED
    assert verdict(VALUE, x + shift) is NOT_REPRODUCED


# Invariances


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [9, 25])
def test_outcomes_do_not_depend_on_the_order_of_the_rows(n, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 4)) + 0.3 * np.arange(4)
    x[0, 1], x[1, 2] = np.nan, np.inf
    shuffled = generator.permutation(x)
    rules = [*RELATIONAL.values(), Trend(expect="increasing", method="bca")]
    for rule in rules:
        columns = slice(width(rule))
        assert decide(rule, x[:, columns]) == decide(rule, shuffled[:, columns])
    for rule in (VALUE, Value(paper=0.22, band=0.3, method="bca"), Threshold(below=0.15)):
        assert decide(rule, x[:, 1]) == decide(rule, shuffled[:, 1])


@pytest.mark.parametrize("rule", RELATIONAL.values(), ids=RELATIONAL)
def test_verdicts_are_monotone_in_the_size_of_the_effect(rule):
    grades = [NOT_REPRODUCED, INCONCLUSIVE, PARTLY, REPRODUCED]
    effects = np.linspace(-3, 3, 25)
    base = noise((15, width(rule)), seed=7)
    found = [grades.index(verdict(rule, base + e * np.arange(width(rule)))) for e in effects]
    assert found == sorted(found)
    assert {found[0], found[-1]} == {0, 3}


def test_an_integer_seed_is_the_generator_it_seeds():
    x = settings(1, 1.05, 1.1)
    assert decide(RISING, x, seed=3) == decide(RISING, x, seed=np.random.default_rng(3))


# Incomplete, diverged, few, none


def test_missing_and_diverged_seeds_are_left_out_and_counted():
    x = settings(1, 2, 3, n=30)
    x[0, 1], x[1, 0], x[2, 2] = np.nan, np.nan, np.inf
    outcome = decide(RISING, x)
    assert outcome.verdict is REPRODUCED
    assert outcome.n == 27
    assert "1 diverged, 2 incomplete" in outcome.detail


@pytest.mark.parametrize(("diverged", "expected"), [(3, REPRODUCED), (4, INCONCLUSIVE)])
def test_more_than_a_tenth_diverged_is_inconclusive(diverged, expected):
    x = 0.22 + noise(30, scale=0.01)
    x[:diverged] = -np.inf
    outcome = decide(VALUE, x)
    assert outcome.verdict is expected
    assert f"{diverged} diverged" in outcome.detail
    assert outcome.estimate == pytest.approx(0.22, abs=0.01)


def test_a_run_that_diverged_in_one_setting_and_lacks_another_counts_as_diverged():
    x = settings(1, 2, 3, n=10)
    x[0] = [1, np.nan, np.inf]
    assert "1 diverged, 0 incomplete" in decide(RISING, x).detail


def test_a_claim_about_divergence_is_a_threshold_on_a_finite_metric():
    assert verdict(Threshold(above=0.5), [1.0] * 18 + [0.0] * 2) is REPRODUCED


@pytest.mark.parametrize("rule", [VALUE, *RELATIONAL.values()])
def test_fewer_seeds_than_needed_are_inconclusive(rule):
    x = settings(*range(width(rule)), n=4, scale=0.001)
    outcome = decide(rule, 0.22 + x[:, 0] if rule is VALUE else x)
    assert outcome.verdict is INCONCLUSIVE
    assert "fewer than the 5 samples needed" in outcome.detail


def test_seeds_too_few_for_the_exact_test_are_named_as_the_reason():
    outcome = decide(RISING, settings(1, 2, 3, n=5))
    assert outcome.verdict is INCONCLUSIVE
    assert "too few seeds for this test to reach 5 %" in outcome.detail
    assert verdict(RISING, settings(1, 2, 3, n=6)) is REPRODUCED


@pytest.mark.parametrize("shape", [(0, 3), (7, 3)])
def test_nothing_recorded_is_not_run(shape):
    assert verdict(RISING, np.full(shape, np.nan)) is NOT_RUN
    assert verdict(VALUE, np.full(shape[0], np.nan)) is NOT_RUN


def test_records_without_a_complete_row_decide_nothing():
    outcome = decide(RISING, [[1, np.nan], [np.nan, 2]])
    assert (outcome.verdict, outcome.n, outcome.estimate) == (NOT_RUN, 0, None)
    assert verdict(RISING, [[1, np.nan], [np.inf, 2]]) is INCONCLUSIVE


# Words, construction, parts


def test_detail_is_one_sentence_with_three_significant_digits():
    detail = decide(VALUE, 0.2212345 + noise(30, scale=0.01)).detail
    assert detail.startswith("Mean 0.221, 95 % interval [0.21")
    assert "within 0.22 ± 0.03; n = 30" in detail
    assert detail.endswith(".") and detail.count(". ") == 0


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (VALUE, ["95 % interval", "Student's t", "0.22 ± 0.03", "at least 5 samples"]),
        (
            Each(above=0.1),
            ["95 % intervals of all estimates", "wholly above 0.1", "one lies wholly on the other"],
        ),
        (Trend(expect="increasing", needs_scale=True), ["below the paper's scale it is inconclusive"]),
        (Threshold(above=0.4, statistic="q90"), ["90 % quantile", "above 0.4", "order statistics"]),
        (Every(below=1), ["every sample", "below 1"]),
        (Order(expect="decreasing", margin=0.01), ["decreasing by more than 0.01", "sign-flip"]),
        (Trend(expect="increasing", minimum=0.6), ["Page's L", "Kendall", "0.6"]),
        (Best(expect="highest", method="t"), ["highest", "paired t test", "Holm"]),
        (Difference(expect="greater"), ["a is greater than b", "5 %"]),
        (Difference(expect="no less", margin=0.2), ["at most 0.2 less than b", "other side"]),
        (Difference(expect="equal", margin=0.2), ["less than 0.2", "both sides"]),
        (Difference(expect="different", margin=0.2), ["either direction", "0.2", "halved"]),
    ],
)
def test_a_rule_describes_itself_in_one_sentence(rule, words):
    sentence = rule.describe()
    assert all(word in sentence for word in words)
    assert sentence.startswith("Reproduced if") and sentence.count(". ") == 0
    assert "inconclusive otherwise" in sentence and "not reproduced if" in sentence


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (VALUE, "0.22 ± 0.03"),
        (Threshold(above=0.4), "above 0.4"),
        (Every(below=1), "below 1"),
        (Order(expect="decreasing", margin=0.01), "above 0.01"),
        (Trend(expect="decreasing", minimum=0.6), "above 0.6"),
        (Best(expect="highest"), "above 0"),
        (Difference(expect="less"), "above 0"),
        (Difference(expect="no greater", margin=0.2), "above -0.2"),
        (Difference(expect="equal", margin=0.2), "within ± 0.2"),
        (Difference(expect="different", margin=0.2), "beyond ± 0.2"),
    ],
)
def test_what_is_wanted_is_in_the_unit_of_the_estimate(rule, wanted):
    assert rule.wanted == wanted


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("guess", {}, "Unknown rule 'guess'"),
        ("value", {"paper": 0.2}, "lacks 'band'"),
        ("value", {"paper": 0.2, "band": 0.1, "bend": 1}, "no field 'bend'"),
        ("value", {"paper": 0.2, "band": 0}, "band must be a positive number, got 0"),
        ("value", {"paper": "0.2", "band": 0.1}, "paper must be a finite number, got '0.2'"),
        ("value", {"paper": np.nan, "band": 0.1}, "paper must be a finite number"),
        ("value", {"paper": 0.2, "band": 0.1, "level": 1.0}, "level must be a number between 0"),
        ("value", {"paper": 0.2, "band": 0.1, "method": "z"}, "method must be one of t, bca"),
        ("value", {"paper": 0.2, "band": 0.1, "min_n": 1}, "min_n must be a whole number"),
        ("value", {"paper": 0.2, "band": 0.1, "max_diverged": 2}, "max_diverged must be a share"),
        ("threshold", {}, "below must be given, or else above"),
        ("threshold", {"below": 1, "above": 2}, "below must be given, or else above"),
        ("every", {}, "below must be given, or else above"),
        ("threshold", {"above": 1, "statistic": "mode"}, "statistic must be one of mean, median"),
        ("order", {"expect": "up"}, "expect must be one of increasing, decreasing, got 'up'"),
        ("order", {"expect": "increasing", "margin": -1}, "margin must be a number of at least 0"),
        ("order", {"expect": "increasing", "alpha": 0.5}, "alpha must be a number between 0"),
        ("trend", {"expect": "increasing", "minimum": 1}, "minimum must be a number from 0"),
        ("best", {"expect": "best"}, "expect must be one of lowest, highest"),
        ("difference", {"expect": "equal"}, "margin must be a positive number where equal is expected"),
        ("difference", {"expect": "no less"}, "margin must be a positive number where no less is expected"),
        (
            "difference",
            {"expect": "other"},
            "expect must be one of greater, less, no less, no greater, diff",
        ),
    ],
)
def test_nonsense_is_refused_in_one_sentence(kind, fields, message):
    with pytest.raises(StudyError, match=message) as error:
        make_rule(kind, **fields)
    assert "\n" not in str(error.value)


def test_make_rule_builds_every_kind():
    assert make_rule("value", paper=0.22, band=0.03) == VALUE
    assert make_rule("order", expect="increasing") == RISING
    assert set(RULES) == {"value", "threshold", "every", "each", "order", "trend", "best", "difference"}


@pytest.mark.parametrize(
    ("rule", "shape"),
    [(VALUE, (5, 2)), (RISING, (5,)), (RISING, (5, 1)), (RELATIONAL["trend"], (5, 2))]
    + [(RELATIONAL["difference"], (5, 3))],
)
def test_samples_of_the_wrong_shape_are_refused(rule, shape):
    with pytest.raises(StudyError, match="needs samples of shape"):
        decide(rule, np.ones(shape))


def test_a_conjunction_over_every_pair_and_triple_of_verdicts():
    """As bad as the worst of them; and where some statement was not run, not known to hold."""
    worst_last = [REPRODUCED, PARTLY, INCONCLUSIVE, NOT_REPRODUCED]
    for size in (1, 2, 3):
        for parts in itertools.product(Verdict, repeat=size):
            if set(parts) == {NOT_RUN}:
                expected = NOT_RUN
            else:
                known = [INCONCLUSIVE if part is NOT_RUN else part for part in parts]
                expected = max(known, key=worst_last.index)
            assert conjunction(parts) is expected


def test_a_conjunction_of_nothing_is_refused():
    with pytest.raises(StudyError, match="at least one part"):
        conjunction([])


@pytest.mark.parametrize("rule", [*RELATIONAL.values(), Value(paper=0, band=1, method="bca")])
def test_a_rule_takes_less_than_twenty_milliseconds(rule):
    x = noise((30, width(rule)))
    x = x[:, 0] if isinstance(rule, Value) else x
    times = []
    for _ in range(5):
        start = time.process_time()
        decide(rule, x)
        times.append(time.process_time() - start)
    assert min(times) < 0.02
