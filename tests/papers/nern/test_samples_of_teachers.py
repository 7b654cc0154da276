"""What a stronger teacher adds, seed by seed."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.nern.samples.teachers import DERIVED

BASE = {"network": "resnet20-cifar10", "hidden": 140, "lr": 1e-3, "val_accuracy": 0.5}


def rows(own, other, joint, **changes):
    """Records of both teachers, a seed after the other."""
    return [
        BASE
        | {"reconstruction": float(joint), "teacher": teacher, "seed": seed, "test_accuracy": value}
        | changes
        for teacher, values in (("", own), ("resnet56-cifar10", other))
        for seed, value in enumerate(values)
    ]


def test_gains_are_differences_within_a_seed_and_an_objective():
    table = pd.DataFrame(rows([0.5, 0.6], [0.4, 0.8], True) + rows([0.5, 0.5], [0.9, 0.6], False))
    assert DERIVED["joint-gain-by-teacher"](table) == pytest.approx([-0.1, 0.2])
    assert DERIVED["decoupled-gain-over-joint"](table) == pytest.approx([0.5, -0.1])


def test_each_teacher_has_its_best_rate():
    table = pd.DataFrame(rows([0.5], [0.9], True) + rows([0.8], [0.6], True, lr=3e-4, val_accuracy=0.7))
    assert DERIVED["joint-gain-by-teacher"](table) == pytest.approx([-0.2])


def test_other_networks_and_sizes_do_not_count():
    table = pd.DataFrame(
        rows([0.5], [0.6], True)
        + rows([0.1], [0.9], True, hidden=300)
        + rows([0.1], [0.9], True, network="resnet8-digits")
    )
    assert DERIVED["joint-gain-by-teacher"](table) == pytest.approx([0.1])


def test_what_is_missing_is_nan():
    table = pd.DataFrame(rows([0.5, 0.6], [0.7], True) + rows([0.5], [], False))
    gains = DERIVED["joint-gain-by-teacher"](table)
    assert gains[0] == pytest.approx(0.2) and np.isnan(gains[1])
    assert np.isnan(DERIVED["decoupled-gain-over-joint"](table)).all()
    assert not DERIVED["joint-gain-by-teacher"](table[:0]).size
