"""Odds of a part: against closed forms, without drift from the rules, and of instances whose odds are known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import nct, norm, t

from wsbook.book.check import untested
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.errors import StudyError
from wsbook.papers.sane.samples.compositions import OWN, of_composition
from wsbook.papers.sane.samples.copies import with_new_ones
from wsbook.study.places import RESULTS
from wsbook.verdicts import odds_cache
from wsbook.verdicts.claims import load_claims, parse_part
from wsbook.verdicts.decision import Evidence, decide_part
from wsbook.verdicts.odds import MONTE_CARLO, chance, effect_of, simulated
from wsbook.verdicts.rules import (
    Best,
    Difference,
    Each,
    Every,
    Order,
    Threshold,
    Trend,
    Value,
    Verdict,
)
from wsbook.verdicts.scorecard import tables_in
from wsbook.verdicts.statistics import PairedT, normal_draws, pocock

CLOSE = 3.5 * MONTE_CARLO  # what chance leaves between a simulated and an exact probability


def noise(n, m, seed=0, scale=1.0):
    return np.random.default_rng(seed).normal(scale=scale, size=(n, m))


def part(rule, **fields):
    """A part whose rule is then replaced by the one under test."""
    row = {
        "says": "It does",
        "experiment": "toy",
        "metric": "level",
        "rule": "threshold",
        "above": 0,
        "ours": True,
    }
    return parse_part({**row, **fields})


def odds(rule, samples, **fields):
    evidence = Evidence(replace(part(rule, **fields), rule=rule), None, samples=np.asarray(samples))
    return simulated(evidence)


def power_of_t(effect, d, alpha):
    """That of the one-sided t test of mean > 0, with the spread of differences d."""
    n, spread = len(d), d.std(ddof=1)
    return nct.sf(t.isf(alpha, n - 1), n - 1, effect / spread * np.sqrt(n))


# Closed forms


@pytest.mark.parametrize("n", [3, 8, 50])
@pytest.mark.parametrize("margin", [0.0, 0.4])
def test_a_difference_has_the_odds_of_the_one_sided_t_test(n, margin):
    x = noise(n, 2, seed=n)
    found = odds(Difference(expect="greater", margin=margin, method="t", min_n=3), x, effect=1.1)
    assert found.false_confirmation == pytest.approx(0.05, abs=CLOSE)
    exact = power_of_t(1.1 - margin, x[:, 0] - x[:, 1], 0.05)
    assert 0.09 < exact < 1 and found.power == pytest.approx(exact, abs=CLOSE)


def test_what_settings_have_in_common_does_not_weaken_the_test():
    common = 100 * noise(8, 1)
    x = common + noise(8, 2, seed=1, scale=0.1)
    found = odds(Difference(expect="less", method="t"), x, matters=0.2)
    assert (
        found.power == pytest.approx(power_of_t(0.2, x[:, 0] - x[:, 1], 0.05), abs=CLOSE)
        and found.power > 0.9
    )


@pytest.mark.parametrize("bound", [{"above": 2.0}, {"below": 2.0}])
def test_a_threshold_has_the_odds_of_half_its_level(bound):
    x = noise(6, 1)[:, 0]
    found = odds(Threshold(**bound), x, matters=0.9)
    assert found.false_confirmation == pytest.approx(0.025, abs=CLOSE)
    assert found.power == pytest.approx(power_of_t(0.9, x, 0.025), abs=CLOSE)


def test_a_quantile_is_what_stands_at_the_bound():
    """Of sixty samples the interval of the 90 % quantile ends in the last one but so many that it covers with 95 %."""
    found = odds(Threshold(below=0.0, statistic="q90"), noise(60, 1)[:, 0], matters=3.0)
    assert 0 < found.false_confirmation < 0.025 + CLOSE and found.power > 0.9


def test_a_value_at_the_edge_of_its_band_is_confirmed_on_one_side_only():
    x = noise(10, 1, scale=0.1)[:, 0]
    found = odds(Value(paper=5.0, band=1.0), x)
    assert found.false_confirmation == pytest.approx(0.025, abs=CLOSE)
    assert found.power == 1.0
    assert odds(Value(paper=5.0, band=0.01), x).power == 0.0


def test_equivalence_at_the_margin_and_at_zero():
    x = noise(10, 2, scale=0.1)
    found = odds(Difference(expect="equal", margin=1.0, method="t"), x)
    assert found.false_confirmation == pytest.approx(0.05, abs=CLOSE) and found.power == 1.0
    assert odds(Difference(expect="equal", margin=0.01, method="t"), x).power < 0.05


@pytest.mark.parametrize("expect", ["no less", "no greater"])
def test_non_inferiority_of_what_is_alike(expect):
    x = noise(6, 2)
    found = odds(Difference(expect=expect, margin=1.5, method="t"), x, matters=9.0)
    exact = power_of_t(1.5, x[:, 0] - x[:, 1], 0.05)
    assert found.false_confirmation == pytest.approx(0.05, abs=CLOSE)
    assert found.power == pytest.approx(exact, abs=CLOSE)  # `matters` is not what such a rule is about


@pytest.mark.parametrize(
    "rule",
    [
        Best(expect="lowest", method="t"),
        Order(expect="decreasing", method="t"),
        Trend(expect="increasing"),
    ],
)
def test_shuffled_labels_are_confirmed_within_the_level_and_a_clear_effect_surely(rule):
    found = odds(rule, noise(8, 4, scale=0.1), matters=1.0)
    assert found.false_confirmation < 0.05 + CLOSE
    assert found.power > 0.99


def test_an_effect_may_be_the_means_that_the_paper_prints():
    rule, x = Trend(expect="increasing"), noise(8, 4, scale=0.1)
    rising, falling = (odds(rule, x, effect=[1.0, 2.0, 3.0, 4.0][::step]) for step in (1, -1))
    assert rising.power > 0.99 and falling.power == 0.0


def test_of_what_is_counted_whole_nothing_is_chance():
    for rule in (Every(below=1.0), Every(above=0.5, share=0.95)):
        found = odds(rule, np.linspace(0, 2, 20))
        assert (found.false_confirmation, found.power) == (0.0, 1.0)


def test_estimates_have_the_odds_of_their_standard_errors():
    errors = np.array([0.4, 0.5, 0.3])
    found = odds(Each(above=0.0, min_n=3), np.column_stack([[9.0, -9.0, 0.0], errors]), effect=1.0)
    seen = norm.sf(norm.isf(0.025) - 1.0 / errors)
    assert found.power == pytest.approx(seen.prod(), abs=CLOSE)
    assert found.false_confirmation == pytest.approx(0.025**3, abs=1e-3)


# Looks


def test_two_looks_without_a_correction_confirm_too_often():
    """Three seeds, and three more where these left it open: .085 in place of .05, and .028 at each look mends it."""
    d = noise(6, 40_000)
    both = np.minimum(PairedT(d[:3]).greater(), PairedT(d).greater())
    assert (both <= 0.05).mean() == pytest.approx(0.085, abs=0.005)
    level = pocock(0.05, (3, 6))
    assert level == pytest.approx(0.028, abs=0.0005)
    assert (both <= level).mean() == pytest.approx(0.05, abs=0.005)


def test_one_look_has_the_whole_level_and_many_seeds_have_pocock_s_constant():
    assert pocock(0.05, ()) == pocock(0.05, (6,)) == 0.05
    assert norm.isf(pocock(0.05, (40, 80))) == pytest.approx(
        1.875, abs=0.01
    )  # Pocock (1977), one-sided 5 %


def test_a_sequential_design_is_decided_and_simulated_at_all_looks():
    once, twice = (Difference(expect="greater", method="t", looks=looks) for looks in ((), (3, 6)))
    x = noise(6, 2, seed=3)
    assert odds(twice, x, effect=1.0).false_confirmation == pytest.approx(0.05, abs=CLOSE)
    assert twice.level < once.level
    outcomes = [rule.decide(x, 0, paper_scale=True) for rule in (once, twice)]
    assert outcomes[0].p == outcomes[1].p  # which is what it is; what it must be has changed
    assert outcomes[1].level == pytest.approx(1 - 2 * pocock(0.05, (3, 6)))
    assert "over looks at 3 and 6 seeds" in twice.sentence()


def test_p_between_the_two_levels_is_no_longer_enough():
    d = np.array([1.0, 2.0, 3.0, 4.0, 5.0, -2.2])
    p = float(PairedT(d).greater())
    assert pocock(0.05, (3, 6)) < p < 0.05
    pairs = np.column_stack([d, np.zeros(6)])
    verdicts = [
        Difference(expect="greater", method="t", looks=looks).decide(pairs, 0, paper_scale=True).verdict
        for looks in ((), [3, 6])
    ]
    assert verdicts == [Verdict.REPRODUCED, Verdict.INCONCLUSIVE]


@pytest.mark.parametrize("looks", [[6, 3], [3, 3], 3, "36", [3, 6.0], [1, 3], [True, 3]])
def test_looks_must_be_rising_numbers_of_seeds(looks, one_sentence):
    with pytest.raises(StudyError, match="looks must be rising numbers of seeds") as error:
        Difference(expect="greater", looks=looks)
    one_sentence(error.value)


# No drift


RULES = [
    (Value(paper=0.0, band=1.2), 1),
    (Threshold(above=-0.5), 1),
    (Threshold(below=1.5, statistic="median"), 1),
    (Every(below=1.0), 1),
    (Every(above=0.0, share=0.6), 1),
    (Each(above=-1.0), 2),
    (Order(expect="increasing", method="t", alpha=0.4), 3),
    (Trend(expect="decreasing", minimum=0.0, alpha=0.4), 3),
    (Best(expect="lowest", method="t", alpha=0.4), 3),
    *(
        (Difference(expect=expect, margin=0.6, method="t", alpha=0.2), 2)
        for expect in ("greater", "less", "equal", "different", "no less", "no greater")
    ),
]


@pytest.mark.parametrize(("rule", "m"), RULES)
def test_what_odds_count_as_confirmed_is_what_the_rule_reproduces(rule, m):
    batch = noise(300, 7 * m, seed=4).reshape(300, 7, m)
    batch += np.linspace(-1, 1, 300)[:, None, None] * np.arange(1, m + 1)
    if isinstance(rule, Each):
        batch = np.abs(batch)  # its second column has standard errors
    single = rule.columns == (0, 0)
    verdicts = [rule.decide(x[:, 0] if single else x, 0, paper_scale=True).verdict for x in batch]
    reproduced = np.array([verdict is Verdict.REPRODUCED for verdict in verdicts])
    assert 0 < reproduced.sum() < len(batch)
    np.testing.assert_array_equal(rule.confirms(batch), reproduced)


def test_sign_flips_have_the_odds_of_their_fast_path():
    x = noise(12, 2)
    batch = normal_draws(x, [0.6, 0.0], 400, np.random.default_rng(5))
    rule = Difference(expect="greater")
    exact = [rule.decide(each, 0, paper_scale=True).verdict is Verdict.REPRODUCED for each in batch]
    assert chance(rule, batch) == pytest.approx(np.mean(exact), abs=0.01)


def test_simulated_samples_have_the_means_and_the_scatter_that_they_should():
    x = noise(5, 3) @ np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.9], [0.0, 0.0, 0.2]])
    drawn = normal_draws(x, [1.0, 2.0, 3.0], 40_000, np.random.default_rng(0))
    assert drawn.shape == (40_000, 5, 3)
    flat = drawn.reshape(-1, 3)
    np.testing.assert_allclose(flat.mean(axis=0), [1, 2, 3], atol=0.02)
    np.testing.assert_allclose(np.cov(flat.T), np.cov(x.T), atol=0.03)


# What is not simulated


def test_too_few_samples_have_no_odds_and_diverged_ones_are_left_out():
    rule = Threshold(above=0.0)
    assert odds(rule, noise(4, 1)[:, 0], matters=1.0) is None
    x = noise(6, 1)[:, 0]
    assert odds(rule, [*x, np.inf, np.nan], matters=1.0) == odds(rule, x, matters=1.0)


def test_power_is_for_the_paper_s_effect_then_what_the_rule_implies_then_what_matters():
    both = {"effect": 0.3, "matters": 0.1}
    assert effect_of(part(None, **both)) == 0.3
    assert effect_of(part(None, matters=0.1)) == 0.1
    assert effect_of(part(None)) is None and odds(Threshold(above=0.0), noise(6, 1)[:, 0]).power is None
    value = parse_part({"says": "x", "experiment": "toy", "metric": "level", "rule": "value", "paper": 2.0, "band": 1,
                        "since": "before", "matters": 0.1})  # fmt: skip
    assert effect_of(value) == 2.0


# Instances


@pytest.fixture(scope="module")
def tables():
    return tables_in(EXPERIMENTS, RESULTS)


@pytest.fixture(scope="module")
def claims():
    return {claim.id: claim for claim in load_claims()}


COPIES = {
    "copies-or-new": lambda table: of_composition(
        with_new_ones(table), ("copies_errors", "prompt_errors"), OWN
    )
}
EARLIER = {  # rules of the book that could not fail
    "B-memory": {
        "says": "They share no more errors with a training network than new ones", "experiment": "b-memory",
        "derived": "errors-or-new", "rule": "difference", "expect": "no greater", "margin": 0.05, "method": "t",
        "min_n": 3, "placebo": {"derived": "copies-or-new"},
    },
    "A-fig3": {
        "says": "SGD hardly moves", "experiment": "a-optimiser", "metrics": ["train_mean", "train_error"],
        "where": {"optimiser": "sgd"}, "rule": "difference", "expect": "equal", "margin": 0.1,
        "placebo": {"where": {"optimiser": "rmsprop"}},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EARLIER)
def test_a_rule_that_no_data_could_refute_is_caught_and_the_one_in_its_place_is_not(name, tables, claims):
    """Copies with all errors of a training network would have passed, and so would RMSprop have as hardly moving."""
    before = decide_part(parse_part(EARLIER[name]), tables, DERIVED | COPIES, ("cpu",))
    assert before.outcome.verdict is Verdict.REPRODUCED
    found = simulated(before)
    assert found.false_confirmation > 0.99
    assert [
        f"{found.false_confirmation:.3g} if there were nothing" in said for said in untested(before)
    ] == [True]
    (now,) = (part for part in claims[name].parts if part.placebo)
    after = decide_part(now, tables, DERIVED, ("cpu",))
    assert simulated(after).false_confirmation < 0.01 and simulated(after).power > 0.9
    assert list(untested(after)) == []


def test_c_surpass_has_the_power_that_its_images_have(tables, claims):
    found = decide_part(claims["C-surpass"].parts[0], tables, DERIVED, ("cpu",))
    assert found.outcome.verdict is Verdict.INCONCLUSIVE
    assert "at the paper's scale" in found.outcome.detail
    each = norm.sf(norm.isf(0.025) - 0.001 / found.samples[:, 1])
    np.testing.assert_allclose(sorted(each), [0.47, 0.59, 0.82], atol=0.005)
    assert simulated(found).power == pytest.approx(each.prod(), abs=CLOSE)


def test_a_part_that_nothing_could_confirm_is_caught_unless_it_says_why_it_stands():
    wide = noise(6, 2, scale=10)
    row = {"says": "Equal", "experiment": "toy", "metrics": ["a", "b"], "rule": "difference", "expect": "equal",
           "margin": 0.01, "method": "t"}  # fmt: skip
    (said,) = untested(Evidence(parse_part(row), None, samples=wide))
    assert "if the effect were there" in said
    assert (
        list(
            untested(Evidence(parse_part({**row, "stands": "More seeds would tell."}), None, samples=wide))
        )
        == []
    )
    silent = {"says": "More", "experiment": "toy", "metric": "a", "rule": "threshold", "above": 0}
    (said,) = untested(Evidence(parse_part(silent), None, samples=wide[:, 0]))
    assert "no effect is stated" in said


# The cache


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Files of odds in a folder of their own, and a count of simulations."""
    counted = []
    monkeypatch.setattr(odds_cache, "COMMITTED", tmp_path / "results" / "odds.json")
    monkeypatch.setattr(odds_cache, "LOCAL", tmp_path / "runs" / "odds.json")
    monkeypatch.setattr(odds_cache, "simulated", lambda item: counted.append(item) or simulated(item))
    return counted


def evidence(samples, **fields):
    return Evidence(part(None, matters=1.0, **fields), None, samples=samples)


def test_odds_are_simulated_once_and_anew_when_what_they_follow_from_changes(cache):
    x = noise(6, 1)[:, 0]
    first = odds_cache.odds_of(evidence(x))
    assert odds_cache.odds_of(evidence(x)) == first and len(cache) == 1
    odds_cache.odds_of(evidence(x * (1 + 1e-13)))  # another processor's last digit
    assert len(cache) == 1
    for changed in (evidence(x + 0.1), evidence(x, above=0.2), evidence(x, effect=0.5)):
        odds_cache.odds_of(changed)
    assert len(cache) == 4


def test_a_control_and_what_was_not_run_have_no_odds(cache):
    assert odds_cache.odds_of(evidence(noise(6, 1)[:, 0], control=True, since="before")) is None
    assert odds_cache.odds_of(evidence(None)) is None
    assert cache == []


def test_a_damaged_file_of_odds_is_named(cache, one_sentence):
    odds_cache.COMMITTED.parent.mkdir()
    odds_cache.COMMITTED.write_text("{")
    with pytest.raises(StudyError, match="odds.json is damaged") as error:
        odds_cache.odds_of(evidence(noise(6, 1)[:, 0]))
    one_sentence(error.value)


def test_the_committed_file_has_what_the_claims_need_and_nothing_else(cache):
    items = [evidence(noise(6, 1, seed=s)[:, 0]) for s in range(3)]
    decisions = [SimpleNamespace(counted=[*items, evidence(None)])]
    assert len(odds_cache.missing_odds(decisions)) == 3
    assert odds_cache.commit_odds(decisions) == 3
    assert odds_cache.missing_odds(decisions) == []
    assert odds_cache.commit_odds([SimpleNamespace(counted=items[:1])]) == 1
    lines = odds_cache.COMMITTED.read_text().splitlines()
    assert len(lines) == 3 and lines[0] == "{" and lines[2] == "}"
