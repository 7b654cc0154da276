"""Samples of claims about the normalised loss, from tables with planted effects."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.sane.samples.losses import (
    at_rates,
    by_loss,
    by_zoos,
    causes,
    contrast_beyond_noise,
    tolerated,
    with_and_without_contrast,
)
from wsbook.papers.sane.samples.sizes import ALL


def test_the_normalised_loss_is_compared_at_the_rate_of_the_plain_one():
    """Rates are chosen by validation accuracy; by that on test images it would be the other one."""
    val = {("none", 0.1): 0.5, ("none", 1.0): 0.2, ("token", 0.1): 0.6, ("token", 1.0): 0.8}
    test = {("none", 0.1): 0.2, ("none", 1.0): 0.5, ("token", 0.1): 0.7, ("token", 1.0): 0.65}
    rows = [
        {"normalisation": name, "lr": lr, "seed": 0, "rebuilt_val": value, "rebuilt": test[name, lr]}
        for (name, lr), value in val.items()
    ]
    own, others, plain = ("token", "token"), ("token", "none"), ("none", "none")
    assert at_rates(pd.DataFrame(rows), own, others, plain) == pytest.approx(np.array([[0.65, 0.7, 0.2]]))
    assert not at_rates(pd.DataFrame(rows[:2]), own, others).size
    partly = pd.DataFrame(rows[:3])
    partly.attrs["planned"] = rows
    assert not at_rates(partly, own, others).size


def test_effects_of_zoos_and_loss_are_told_apart():
    rows = [
        {"data": data, "normalisation": name, "target": "kmnist", "seed": 0, "generated": 0.1 + z + n}
        for (data, z), (name, n) in product(
            {"mnist": 0.0, ALL: 0.3}.items(), {"none": 0.0, "token": 0.05}.items()
        )
    ]
    assert causes(pd.DataFrame(rows)) == pytest.approx(np.array([[0.3, 0.05]]))
    assert np.isnan(causes(pd.DataFrame(rows[:3]))).all()


def test_the_gain_by_zoos_is_told_apart_by_loss_and_the_gain_by_loss_by_zoos():
    values = {("mnist", "none"): 0.1, ("mnist", "token"): 0.3, (ALL, "none"): 0.2, (ALL, "token"): 0.9}
    rows = [
        {"data": data, "normalisation": name, "target": "kmnist", "seed": seed, "rebuilt": value + seed}
        for (data, name), value in values.items()
        for seed in (0, 1)
    ]
    rows.append({**rows[0], "normalisation": "layer", "rebuilt": 7.0})
    table = pd.DataFrame(rows)
    assert by_loss(table, "rebuilt") == pytest.approx(np.array([[0.6, 0.1]] * 2))
    assert by_zoos(table) == pytest.approx(np.array([[0.7, 0.2]] * 2))
    assert not by_loss(table[:0], "rebuilt").size and not by_zoos(table[:0]).size


def test_rates_are_tolerated_that_keep_half_of_the_best():
    kept = {"none": (0.8, 0.5, 0.1), "token": (0.5, 0.6, 0.31)}
    rows = [
        {"normalisation": name, "lr": lr, "seed": 0, "rebuilt_val": value, "rebuilt": value}
        for name, values in kept.items()
        for lr, value in zip((0.1, 1.0, 10.0), values)
    ]
    assert tolerated(pd.DataFrame(rows)).tolist() == [[3, 2]]
    assert not tolerated(pd.DataFrame(rows[:3])).size


def test_contrast_is_compared_at_one_bandwidth_on_average_over_targets():
    rows = [
        {"contrast": c, "bandwidth": w, "target": t, "seed": 0, "generated": x, "noisy_prompts": 0.1 + c}
        for (c, w, t), x in {
            (0.05, 0.2, "mnist"): 0.5, (0.05, 0.2, "usps"): 0.7, (0.0, 0.2, "mnist"): 0.6, (0.0, 0.2, "usps"): 0.9,
            (0.05, 0.05, "mnist"): 0.3, (0.05, 0.05, "usps"): 0.3, (0.0, 0.05, "mnist"): 0.1, (0.0, 0.05, "usps"): 0.3,
        }.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    assert with_and_without_contrast(table, "generated", max) == pytest.approx(np.array([[0.6, 0.75]]))
    assert with_and_without_contrast(table, "generated", min) == pytest.approx(np.array([[0.3, 0.2]]))
    assert contrast_beyond_noise(table) == pytest.approx(np.array([[0.45, 0.65]]))
    partly = pd.DataFrame(rows[1:])
    partly.attrs["planned"] = rows
    assert np.isnan(with_and_without_contrast(partly, "generated", max)[0]).tolist() == [True, False]
