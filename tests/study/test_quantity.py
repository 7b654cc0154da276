"""Numbers as a reader wants them."""

from math import inf

import pytest

from wsbook.study.quantity import ACCURACY, GAIN, Quantity, look_up, plain, share

TIGHT = "\N{NO-BREAK SPACE}"
PLAIN, TAU = Quantity("error"), Quantity("tau", symbol="τ")
TINY = Quantity("error of the weights", "× 10⁻³", 1000.0)


@pytest.mark.parametrize(
    ("quantity", "value", "interval", "said"),
    [
        (ACCURACY.change, 0.0004, (0.000108, 0.000692), f"+0.040{TIGHT}points [0.011,{TIGHT}0.069]"),
        (GAIN, -0.245, (-0.281, -0.208), f"−24{TIGHT}points [−28,{TIGHT}−21]"),
        (GAIN, 0.0, (-0.02, 0.02), f"0.0{TIGHT}points [−2.0,{TIGHT}2.0]"),
        (ACCURACY, 0.842, (0.801, 0.882), f"84{TIGHT}% [80,{TIGHT}88]"),
        (PLAIN.change, 7.02e-4, (1.91e-4, 0.00121), f"+0.0007 [0.0002,{TIGHT}0.0012]"),
        (TINY.change, 1.12e-4, (8.1e-5, 1.43e-4), f"+0.112{TIGHT}× 10⁻³ [0.081,{TIGHT}0.143]"),
        (PLAIN, 0.00872, (), "0.00872"),
        (TAU, 0.8, (0.303, 1.0), f"τ{TIGHT}={TIGHT}0.80 [0.30,{TIGHT}1.00]"),
        (TAU, -1.0, (-1.0, -1.0), f"τ{TIGHT}={TIGHT}−1"),
        (PLAIN, 0.5, (-inf, inf), "0.500"),
        (PLAIN, 0.5, (-inf, 0.7), "0.500"),
        (PLAIN, 0, (0, 0), "0"),
    ],
)
def test_an_interval_has_the_digits_of_its_estimate_and_does_not_break(quantity, value, interval, said):
    assert quantity.phrase(value, interval) == said


def test_no_end_is_rounded_onto_the_bound_that_it_is_compared_with():
    assert PLAIN.phrase(0.1, (-0.4, 0.602)) == f"0.1 [−0.4,{TIGHT}0.6]"
    assert PLAIN.phrase(0.1, (-0.4, 0.602), [0.6]) == f"0.100 [−0.400,{TIGHT}0.602]"
    assert GAIN.phrase(-0.00427, (-0.00855, 0.00002)) == f"−0.427{TIGHT}points [−0.855,{TIGHT}0.002]"
    assert GAIN.phrase(0.01, (0.0, 0.02), [0.0]) == GAIN.phrase(0.01, (0.0, 0.02))


def test_a_bound_is_as_short_as_it_is_round():
    assert GAIN.short(0.05) == f"5{TIGHT}points" and ACCURACY.short(0.9134) == f"91.34{TIGHT}%"
    assert GAIN.short(0) == "0" and GAIN.short(0.01) == f"1{TIGHT}point"
    assert TAU.short(0.5) == "0.5" and PLAIN.short(-0.02) == "−0.02"
    assert plain(3e-05) == f"3{TIGHT}×{TIGHT}10⁻⁵" and plain(4) == "4"


def test_a_difference_of_shares_is_in_points():
    change = share("accuracy").change
    assert (change.name, change.unit, change.signed) == ("difference of accuracy", "points", True)


def test_the_first_pattern_that_fits_says_what_a_number_is():
    known = {"*_error": PLAIN, "*": GAIN}
    assert look_up("test_error", known) is PLAIN and look_up("test", known) is GAIN
    assert look_up("train_mean", {}) == Quantity("train mean")
