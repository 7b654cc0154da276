"""Shared errors of networks as accurate as one another."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.sane.samples.copies import DERIVED, with_new_ones


def record(target="mnist", data=None, seed=0, at=0.7, errors=0.3):
    return {
        "data": data or target, "target": target, "seed": seed,
        "generated_accuracy": at, "generated_errors": errors,
        "noisy_prompts_accuracy": 0.6, "noisy_prompts_errors": 0.2,
        "prompt_accuracy": 0.9, "prompt_errors": 0.5,
    }  # fmt: skip


def test_new_networks_are_on_the_line_from_noisy_prompts_to_prompts():
    found = with_new_ones(pd.DataFrame([record(at=at) for at in (0.6, 0.7, 0.9, 0.5)]))
    np.testing.assert_allclose(found.new_errors, [0.2, 0.3, 0.5, 0.2])  # and no farther


def test_copies_have_all_errors_of_a_training_network_beside_their_own():
    """Of 100 images one network gets 10 wrong, and its copy these and 30 more: 10 of 40 are shared."""
    found = with_new_ones(pd.DataFrame([record(at=0.6)]))
    assert found.copies_errors.item() == pytest.approx(10 / 40)


def test_sets_count_once_each_and_only_with_their_own_zoo():
    rows = [record(errors=0.2), record("usps", at=0.9, errors=0.6), record(data="mnist+usps", errors=0.9)]
    np.testing.assert_allclose(DERIVED["errors-at-equal-accuracy"](pd.DataFrame(rows)), [[0.4, 0.4]])
    np.testing.assert_allclose(DERIVED["errors-of-copies"](pd.DataFrame(rows)), [[2 / 3, 0.4]])


def test_a_missing_set_leaves_its_seed_out():
    rows = pd.DataFrame([record(), record("usps"), record(seed=1)])
    found = DERIVED["errors-at-equal-accuracy"](rows)
    assert np.isfinite(found[0]).all() and np.isnan(found[1]).all()
