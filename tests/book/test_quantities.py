"""What the estimates of the book's parts are."""

from types import SimpleNamespace

import pytest

from wsbook.book.pages.quantities import asked_of, estimate_of, metric_of, over, quantity_of
from wsbook.catalogue import QUANTITIES
from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.rules import Difference, Every, Outcome, Threshold, Trend, Verdict

TIGHT = "\N{NO-BREAK SPACE}"
CLAIMS = load_claims()
GREATER, TREND = Difference(expect="greater"), Trend(expect="increasing")


def part(rule, experiment="c-decoupled", replicates="seeds", **selection):
    return SimpleNamespace(rule=rule, selection=selection, experiment=experiment, replicates=replicates)


def test_every_metric_and_sample_of_the_claims_has_a_quantity():
    known = [quantity for quantities in QUANTITIES.values() for quantity in quantities.values()]
    unnamed = {
        (claim.id, item.says) for claim in CLAIMS for item in claim.parts if metric_of(item) not in known
    }
    assert unnamed == set()


@pytest.mark.parametrize(
    ("item", "name", "unit"),
    [
        (part(GREATER, metric="test_accuracy"), "difference of test accuracy", "points"),
        (part(GREATER, metrics=["loss", "original_loss"]), "difference of test loss", "nats"),
        (part(Threshold(above=0), derived="low-pass-1"), "gain in test accuracy", "points"),
        (part(Threshold(above=0), derived="low-pass-s-ratio"), "rise of S_ratio", "points"),
        (part(Threshold(above=0.9), "a-real-zoo", metric="ksvd_accuracy"), "test accuracy", "%"),
        (part(TREND, metric="rmse", over="hidden"), "Kendall's τ of root mean square error of the weights over h", ""),
        (part(Every(above=0.5, share=0.95), "a-multiverse", "readings", derived="survival-headline"), "share of readings", "%"),
    ],
)  # fmt: skip
def test_an_estimate_is_a_level_a_difference_a_correlation_or_a_share(item, name, unit):
    assert (quantity_of(item).name, quantity_of(item).unit) == (name, unit)


def test_numbers_that_a_rule_compares_have_the_unit_that_the_claim_file_says():
    """Shares are in per cent; errors have no unit."""
    units = {"share": "%", "relative error": ""}
    for claim in CLAIMS:
        printed = {value.value: value.unit for value in claim.paper}
        for item in claim.parts:
            if item.rule.kind == "value" and item.rule.paper in printed:
                assert quantity_of(item).unit == units[printed[item.rule.paper]], (claim.id, item.says)


def test_what_is_asked_is_in_the_unit_of_the_estimate():
    def asked(rule):
        return asked_of(part(rule, metric="test_accuracy"))

    assert asked(GREATER) == "above 0"
    assert asked(Difference(expect="equal", margin=0.05)) == f"within ±{TIGHT}5{TIGHT}points"
    assert asked(Difference(expect="different", margin=0.02)) == f"beyond ±{TIGHT}2{TIGHT}points"
    assert asked(Threshold(below=0.15)) == f"below 15{TIGHT}%"
    assert asked(TREND) == f"τ{TIGHT}above 0.5"


def test_samples_that_all_agree_have_no_interval_and_say_so():
    item = SimpleNamespace(
        part=part(TREND, metric="rmse"), outcome=Outcome(Verdict.REPRODUCED, "", 50, 1.0, (1.0, 1.0))
    )
    assert estimate_of(item.part, item.outcome) == f"τ{TIGHT}={TIGHT}1"
    assert over(item) == f"(all 50{TIGHT}seeds)"
