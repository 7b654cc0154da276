"""Gains beside the sampling error of test images."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.nern.samples.confidence import DERIVED, IMAGES, NETWORK, by_image


def row(gained, lost, hidden=300, network=NETWORK, seed=0):
    """A record of a network that gets `gained` images right which the original does not, and `lost` the other way round."""
    before = 0.9
    return {
        "network": network, "hidden": hidden, "seed": seed, "original_accuracy": before,
        "accuracy": before + (gained - lost) / IMAGES, "one_right": (gained + lost) / IMAGES,
    }  # fmt: skip


def test_a_gain_is_counted_in_standard_errors_of_the_images_that_differ():
    table = pd.DataFrame(
        [row(60, 40, seed=1), row(30, 70), row(5, 0, hidden=180), row(9, 0, network="other")]
    )
    np.testing.assert_allclose(
        by_image(table).query("hidden == 300").errors, [-40 / 10, 20 / 10]
    )  # by seed
    found = DERIVED["gain-with-error-300"](table)
    np.testing.assert_allclose(found, np.array([[-40, 10], [20, 10]]) / IMAGES)
    assert DERIVED["gain-with-error-120"](table).shape == (0, 2)


def test_images_are_counted_by_size_and_seed():
    table = pd.DataFrame(
        [row(60, 40, seed=1), row(30, 71), row(5, 0, hidden=180), row(9, 0, network="other")]
    )
    found = by_image(table)
    assert found[["hidden", "seed", "gained", "apart"]].values.tolist() == [
        [180, 0, 5, 5], [300, 0, -41, 101], [300, 1, 20, 100],
    ]  # fmt: skip
    assert by_image(table.head(0)).empty


def test_one_standard_error_is_that_of_fair_coins():
    coins = np.random.default_rng(0).random((4000, 100)) < 0.5
    table = pd.DataFrame([row(h, 100 - h, seed=s) for s, h in enumerate(coins.sum(1))])
    found = by_image(table).errors
    assert found.std() == pytest.approx(1, abs=0.05)
    assert (abs(found) > 1.96).mean() == pytest.approx(0.05, abs=0.015)


def test_a_gain_is_visible_from_the_smallest_visible_one_on():
    table = pd.DataFrame([row(60, 40), row(59, 41, seed=1), row(61, 39, seed=2)])
    smallest = DERIVED["smallest-visible-gain-300"](table)
    gains = (table.accuracy - table.original_accuracy).to_numpy()
    seen = by_image(table).errors > 1.96
    assert ((gains > smallest) == seen).all() and seen.tolist() == [True, False, True]
