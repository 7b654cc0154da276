"""Figures and tables of part X show the rows that they are given."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.across.experiments.rate import RATE
from wsbook.papers.across.figures import rate as draw
from wsbook.papers.across.setting import KNOBS
from wsbook.study.experiment import parameters


@pytest.fixture
def table():
    """A row for each planned setting of ResNet-20: the more bits the better."""
    rows = [parameters(s) for s in RATE.grid["cpu"] if s.network == "resnet20-cifar10"]
    bits = np.linspace(1, 16, len(rows))
    accuracy = 0.9 * np.sqrt(bits / 16)
    numbers = {"bits_per_weight": bits, "test_accuracy": accuracy, "val_accuracy": accuracy, "rmse": 0.1}
    seconds = {"encode_seconds": bits, "decode_seconds": 0.1 * bits}
    return pd.DataFrame(rows).assign(seed=0, original_test=0.92, **numbers, **seconds)


def test_every_method_has_a_name_and_a_look():
    assert set(draw.NAMES) == set(draw.LOOKS) == set(KNOBS)
    assert len(set(draw.LOOKS.values())) == len(draw.LOOKS)


def test_every_record_is_a_dot_and_the_front_bounds_them(table):
    axis = draw.rate_and_accuracy(table).axes[0]
    dots = np.concatenate([layer.get_offsets() for layer in axis.collections])
    wanted = table[["bits_per_weight", "test_accuracy"]].to_numpy()
    assert sorted(map(tuple, dots)) == pytest.approx(sorted(map(tuple, wanted)))
    front = next(line for line in axis.lines if line.get_label() == "front")
    inner = (wanted[:, 0] >= 1) & (wanted[:, 0] < 15)
    heights = np.interp(wanted[inner, 0], front.get_xdata(), front.get_ydata())
    assert (wanted[inner, 1] <= heights + 2e-3).all()


def test_corners_are_named_in_words(table):
    corners = draw.corners_table(table)
    assert corners["bits a weight"].is_monotonic_increasing and len(corners) > 5
    words = {draw.setting_in_words(row) for row in table.to_dict("records")}
    assert "size 256, rank 2, 3 bits" in words and "share 0.3, 4 bits" in words and "–" in words


def test_costs_are_those_of_the_slowest_setting(table):
    costs = draw.costs_table(table).set_index("method")
    rows = table[table.method == "kmeans"]
    assert costs.loc["k-means of kernels"].tolist() == [
        rows.encode_seconds.max(),
        rows.decode_seconds.max(),
    ]
