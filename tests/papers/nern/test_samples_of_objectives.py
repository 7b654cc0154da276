"""Trainings are found by the losses they learn from, whatever the numbers of a profile."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.nern.samples.objectives import DERIVED

PROFILES = {"cpu": (1.0, (1e-3, 3e-5)), "paper": (0.01, (5e-3,))}  # weight of the second phase, joint rates


def record(test, lr, reconstruction=0.0, kd=0.0, fmd=0.0, **changes):
    """A record of ResNet-20 at h = 140."""
    base = {
        "network": "resnet20-cifar10",
        "hidden": 140,
        "seed": 0,
        "start_accuracy": 0.2,
        "val_accuracy": test,
    }
    weights = {"reconstruction": reconstruction, "kd": kd, "fmd": fmd, "lr": lr}
    return base | weights | {"test_accuracy": test} | changes


@pytest.fixture(params=PROFILES)
def table(request):
    """Records of one seed, in which each training has its own accuracy; a slow joint rate does .05 worse."""
    own, rates = PROFILES[request.param]
    rows = [record(0.9, 3e-5, kd=own), record(0.7, 3e-5, fmd=own), record(0.8, 3e-5, kd=own, fmd=own)]
    rows += [
        record(test - 0.05 * slow, lr, 1.0, weight, weight)
        for weight, test in ((1e-4, 0.5), (1e-2, 0.6), (1.0, 0.1))
        for slow, lr in enumerate(rates)
    ]
    return pd.DataFrame([*rows, record(0.4, rates[0], 1.0, 1e-4), record(0.99, 1.0, kd=1.0, hidden=300)])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("decoupled-and-weights", [0.9, 0.5, 0.6, 0.1]),
        ("larger-and-nern-weight", [0.6, 0.5]),
        ("largest-and-nern-weight", [0.1, 0.5]),
        ("largest-and-nern-weight-at-one-rate", [0.1, 0.5]),
        ("with-and-without-maps", [0.5, 0.4]),
        ("logits-and-maps", [0.9, 0.7]),
        ("both-and-logits", [0.8, 0.9]),
        ("joint-and-start", [0.5, 0.2]),
        ("decoupled-and-start", [0.9, 0.2]),
        ("decoupled-and-joint", [0.9, 0.5]),
    ],
)
def test_columns_are_the_trainings_they_are_called_after(table, name, expected):
    assert DERIVED[name](table) == pytest.approx(np.array([expected]))


def test_with_and_without_maps_are_compared_each_at_its_best_rate(table):
    assert DERIVED["with-and-without-maps"](table) == pytest.approx(np.array([[0.5, 0.4]]))
    better = pd.concat([table, pd.DataFrame([record(0.99, 7.0, 1.0, 1e-4, 1e-4)])])
    assert DERIVED["with-and-without-maps"](better) == pytest.approx(np.array([[0.99, 0.4]]))


def test_the_largest_weight_has_a_rate_of_its_own(table):
    """It diverges at the rate that suits NeRN's weight, which says nothing about what it can reach."""
    slower = pd.concat([table, pd.DataFrame([record(0.52, 1e-6, 1.0, 1.0, 1.0)])])
    assert DERIVED["largest-and-nern-weight"](slower) == pytest.approx(np.array([[0.52, 0.5]]))
    assert DERIVED["largest-and-nern-weight-at-one-rate"](slower) == pytest.approx(np.array([[0.1, 0.5]]))


def test_what_is_missing_is_nan_and_no_records_are_no_samples(table):
    decoupled = table[table["reconstruction"] == 0]
    found = DERIVED["decoupled-and-weights"](decoupled)
    assert np.array_equal(found, [[0.9, np.nan, np.nan, np.nan]], equal_nan=True)
    assert np.isnan(DERIVED["joint-and-start"](decoupled)[0, 0])
    assert not any(samples(table[:0]).size for samples in DERIVED.values())
