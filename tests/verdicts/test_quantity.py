"""Estimates as a reader wants them."""

from types import SimpleNamespace

import pytest

from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.quantity import CORRELATION, PER_CENT, PLAIN, POINTS, quantity_of
from wsbook.verdicts.rules import Difference, Threshold, Trend

TIGHT = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("quantity", "numbers", "said"),
    [
        (POINTS, (0.0004, 0.000108, 0.000692), f"+0.040{TIGHT}points [0.011,{TIGHT}0.069]"),
        (POINTS, (-0.245, -0.281, -0.208), f"−24.5{TIGHT}points [−28.1,{TIGHT}−20.8]"),
        (POINTS, (0.0, -0.02, 0.02), f"0.0{TIGHT}points [−2.0,{TIGHT}2.0]"),
        (PER_CENT, (0.842, 0.801, 0.882), f"84.2{TIGHT}% [80.1,{TIGHT}88.2]"),
        (PLAIN, (7.02e-4, 1.91e-4, 0.00121), f"0.0007 [0.0002,{TIGHT}0.0012]"),
        (PLAIN, (0.00872,), "0.00872"),
        (CORRELATION, (0.8, 0.303, 1.0), f"rank correlation 0.80 [0.30,{TIGHT}1.00]"),
        (PLAIN, (0.5, float("-inf"), 0.7), f"0.50 [−∞,{TIGHT}0.70]"),
        (PLAIN, (0, 0, 0), f"0 [0,{TIGHT}0]"),
    ],
)
def test_an_interval_has_the_digits_of_its_estimate_and_does_not_break(quantity, numbers, said):
    assert quantity.phrase(*numbers) == said


def test_a_bound_is_as_short_as_it_is_round():
    assert POINTS.short(0.05) == f"5{TIGHT}points" and PER_CENT.short(0.9134) == f"91.34{TIGHT}%"
    assert CORRELATION.short(0.5) == "rank correlation 0.5" and PLAIN.short(-0.02) == "−0.02"


def part(rule, **selection):
    return SimpleNamespace(rule=rule, selection=selection)


GREATER, ABOVE = Difference(expect="greater"), Threshold(above=0.9)


@pytest.mark.parametrize(
    ("rule", "selection", "quantity"),
    [
        (GREATER, {"metric": "test_accuracy"}, POINTS),
        (GREATER, {"derived": "loss-by-zoos"}, POINTS),
        (GREATER, {"metric": "loss"}, PLAIN),
        (GREATER, {"metrics": ["tempered_loss", "original_tempered_loss"]}, PLAIN),
        (GREATER, {"metric": "rmse"}, PLAIN),
        (ABOVE, {"metric": "ksvd_accuracy"}, PER_CENT),
        (ABOVE, {"derived": "any-alteration"}, POINTS),
        (ABOVE, {"derived": "lowest-test-error"}, PLAIN),
        (ABOVE, {"derived": "gain-with-error-300"}, POINTS),
        (Trend(expect="increasing"), {"metric": "test_accuracy"}, CORRELATION),
    ],
)
def test_a_part_is_in_points_per_cent_or_without_a_unit(rule, selection, quantity):
    assert quantity_of(part(rule, **selection)) is quantity


def test_the_paper_value_of_a_rule_about_one_has_the_unit_that_the_claim_file_says():
    """Shares are accuracies here, in per cent; errors have no unit."""
    for claim in load_claims():
        for item in claim.parts:
            if item.rule.kind == "value":
                share = item.selection["metric"].endswith("accuracy")
                assert quantity_of(item) is (PER_CENT if share else PLAIN), (claim.id, item.says)
