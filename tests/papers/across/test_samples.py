"""The front of hand-made points, and leads over it."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.across.samples import leads
from wsbook.papers.across.samples.front import GUESS, by_seed, corners, front_of, height, mean_over_seeds


def rows(*found, network="resnet20-cifar10"):
    """A table of (method, bits, rate, accuracy, seed)."""
    names = ["method", "bits", "bits_per_weight", "test_accuracy", "seed"]
    table = pd.DataFrame(found, columns=names)
    seconds = {"rmse": 0.0, "encode_seconds": 1.0, "decode_seconds": 1.0}
    return table.assign(
        network=network, size=0, rank=0, share=0.0, val_accuracy=table.test_accuracy, **seconds
    )


def test_corners_of_a_hand_made_front():
    bits = np.array([4.0, 1.0, 2.0, 3.0, 6.0, 2.0])
    accuracy = np.array([0.90, 0.20, 0.70, 0.75, 0.90, 0.60])
    # 1 bit lies below the line from a guess to 2 bits, 3 bits below the line from 2 to 4, 6 adds nothing to 4
    assert corners(bits, accuracy) == [2, 0]
    assert corners(bits, np.full(6, GUESS)) == []
    assert corners(np.array([]), np.array([])) == []


def test_corners_are_concave_and_nothing_is_above_them():
    rng = np.random.default_rng(0)
    for _ in range(20):
        bits, accuracy = rng.uniform(0.5, 16, 30), rng.uniform(0, 1, 30)
        found = corners(bits, accuracy)
        x, y = np.r_[0, bits[found]], np.r_[GUESS, accuracy[found]]
        assert (np.diff(np.diff(y) / np.diff(x)) <= 1e-12).all() and (np.diff(y) > 0).all()
        assert (accuracy <= np.interp(bits, x, y) + 1e-12).all()


def test_heights_lie_between_corners_and_stay_level_beyond_them():
    table = rows(("nearest", 2, 2.0, 0.7, 0), ("nearest", 4, 4.0, 0.9, 0))
    assert [height(table, at) for at in (0, 1, 2, 3, 9)] == pytest.approx([0.1, 0.4, 0.7, 0.8, 0.9])
    assert np.isnan(height(table[:0], 1))


def test_corners_are_chosen_on_validation_images():
    table = rows(("nearest", 2, 2.0, 0.7, 0), ("pruned", 2, 2.0, 0.8, 0)).assign(val_accuracy=[0.9, 0.85])
    assert front_of(table).method.tolist() == ["nearest"]
    assert height(table, 2.0) == pytest.approx(0.7)


TABLE = rows(
    ("nearest", 2, 2.2, 0.5, 0),
    ("nearest", 4, 4.2, 0.9, 0),
    *(("compensated", 2, 2.2, 0.6 + 0.01 * seed, seed) for seed in range(3)),
    *(("compensated", 4, 4.2, 0.91, seed) for seed in range(3)),
    *(("dictionary", 3, 2.0, 0.6, seed) for seed in range(3)),
    *(("kmeans", 0, 2.0, 0.3, seed) for seed in range(3)),
)


def test_what_has_one_seed_stands_beside_every_seed():
    assert [len(found) for found in by_seed(TABLE, "resnet20-cifar10")] == [6, 6, 6]
    assert by_seed(TABLE, "resnet56-cifar10") == []
    assert len(mean_over_seeds(TABLE)) == 6


def test_leads_are_over_the_front_of_rivals_at_the_same_rate():
    assert leads.of_compensation(TABLE, 2) == pytest.approx([0.1, 0.11, 0.12])
    assert leads.of_method(TABLE, "dictionary", 2, "kmeans") == pytest.approx([0.3] * 3)
    slope = (0.9 - 0.6) / (
        4.2 - 2.0
    )  # of all but error-compensated rounding: dictionary at 2, nearest at 4.2
    assert leads.of_method(TABLE, "compensated", 2) == pytest.approx(
        np.array([0.6, 0.61, 0.62]) - (0.6 + 0.2 * slope)
    )
    assert leads.best_of_few(TABLE.assign(bits_per_weight=1.0)) == pytest.approx([0.91] * 3)
    assert np.isnan(leads.of_method(TABLE, "pruned", 2)).all()


def test_a_predictors_lead_is_that_of_its_own_setting():
    predictor = rows(*(("predictor", 8, 3.2, 0.8, seed) for seed in range(3))).assign(size=140)
    found = leads.of_predictor(pd.concat([TABLE, predictor]), 140, 8)
    assert found == pytest.approx([0.8 - (low + 0.91) / 2 for low in (0.6, 0.61, 0.62)])
    assert np.isnan(leads.of_predictor(TABLE, 140, 8)).all()


def test_every_derived_sample_takes_a_table_without_its_method():
    for sample in leads.DERIVED.values():
        found = sample(TABLE[TABLE.method == "nearest"])
        assert found.ndim == 1
