"""Decoupled training against the joint objective at its better rate."""

import numpy as np
import pandas as pd
import pytest

from wsbook.catalogue import DERIVED
from wsbook.study.planned import plan_for

SAMPLES = DERIVED["decoupled-and-joint-test_accuracy-120"]


def rows(reconstruction, lr, test, val, **changes):
    """Records of one objective at one rate, a seed after the other."""
    base = {"network": "resnet20-cifar10", "hidden": 120, "reconstruction": reconstruction, "lr": lr}
    return [
        base | {"seed": seed, "test_accuracy": t, "val_accuracy": v} | changes
        for seed, (t, v) in enumerate(zip(test, val, strict=True))
    ]


def test_the_rate_is_chosen_on_validation_images_not_on_test_images():
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0.7, 0.8], [0.9, 0.9])
        + rows(1.0, 1e-3, [0.9, 0.9], [0.95, 0.10])
        + rows(1.0, 3e-4, [0.5, 0.6], [0.8, 0.8])
    )
    assert np.array_equal(SAMPLES(table), [[0.7, 0.5], [0.8, 0.6]])


def test_rates_that_tie_on_validation_images_count_alike():
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0.7, 0.8], [0.9, 0.9])
        + rows(1.0, 1e-3, [0.4, 0.6], [0.8, 0.7])
        + rows(1.0, 3e-4, [0.6, 0.7], [0.7, 0.8])
    )
    assert SAMPLES(table) == pytest.approx(np.array([[0.7, 0.5], [0.8, 0.65]]))
    assert np.isnan(SAMPLES(table[:-1])).sum() == 0  # a rate without the second seed is not compared


def test_other_sizes_and_digits_do_not_count():
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0.7], [0.9])
        + rows(1.0, 1e-3, [0.6], [0.9])
        + rows(1.0, 1e-3, [0.1], [0.99], hidden=140)
        + rows(1.0, 1e-2, [0.2], [0.99], network="resnet8-digits")
    )
    assert np.array_equal(SAMPLES(table), [[0.7, 0.6]])


def test_what_is_missing_is_nan():
    table = pd.DataFrame(rows(0.0, 3e-5, [0.7, 0.8], [0.9, 0.9]) + rows(1.0, 1e-3, [0.6], [0.9]))
    assert np.array_equal(SAMPLES(table), [[0.7, 0.6], [0.8, np.nan]], equal_nan=True)
    assert SAMPLES(table[:2])[:, 0].tolist() == [0.7, 0.8] and np.isnan(SAMPLES(table[:2])[:, 1]).all()
    assert not SAMPLES(table[:0]).size


def test_decoupled_training_meets_the_original_at_the_rate_best_on_validation_images():
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0.9, 0.8], [0.7, 0.7], original_test=0.95)
        + rows(0.0, 1e-5, [0.6, 0.5], [0.8, 0.8], original_test=0.95)
        + rows(1.0, 1e-5, [0.1, 0.1], [0.9, 0.9], original_test=0.95)
    )
    found = DERIVED["decoupled-and-original-120"](table)
    assert np.array_equal(found, [[0.6, 0.95], [0.5, 0.95]])
    assert not DERIVED["decoupled-and-original-180"](table).size


def test_where_no_rate_can_be_chosen_every_rate_is_a_rival():
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0.7, 0.8], [0, 0], ood=0.5)
        + rows(1.0, 1e-3, [0.7], [0], ood=0.4)
        + rows(1.0, 3e-4, [0.7, 0.7], [0, 0], ood=0.6)
    )
    found = DERIVED["decoupled-and-joints-ood-120"](table)
    assert np.array_equal(found, [[0.5, 0.6, 0.4], [0.5, 0.6, np.nan]], equal_nan=True)
    plan = [
        {"network": "resnet20-cifar10", "hidden": 120, "reconstruction": 1.0, "lr": lr}
        for lr in (3e-4, 1e-3)
    ]
    found = DERIVED["decoupled-and-joints-ood-120"](plan_for(table[:3], plan))
    assert np.array_equal(found, [[0.5, np.nan, 0.4], [0.5, np.nan, np.nan]], equal_nan=True)


def test_errors_grow_from_where_decoupled_training_starts():
    """A joint training from a fresh predictor has no such start of its own."""
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0, 0], [0, 0], rmse=0.9, rmse_course=[0.1, 0.9])
        + rows(1.0, 1e-3, [0, 0], [0, 0], rmse=0.105, rmse_course=[7.0, 0.105])
    )
    assert DERIVED["error-growth-120"](table) == pytest.approx([1.05, 1.05])
    assert not DERIVED["error-growth-120"](table[:0]).size


def test_layers_are_compared_one_by_one():
    """Layers of the later half have larger weights, and so larger errors, but move less for their size."""
    table = pd.DataFrame(
        rows(0.0, 3e-5, [0, 0], [0, 0], layer_rmse=[0.3, 0.2, 5.0, 6.0])
        + rows(1.0, 1e-3, [0, 0], [0, 0], layer_rmse=[0.1, 0.1, 5.0, 5.0])
    )
    assert DERIVED["layer-ratios-120"](table) == pytest.approx(np.array([[2.5, 1.1]] * 2))
    assert DERIVED["later-layer-ratio-120"](table) == pytest.approx([1.1, 1.1])
    assert (
        not DERIVED["layer-ratios-120"](table[:2]).size and not DERIVED["layer-ratios-120"](table[:0]).size
    )
