"""Figures of rounds and of planes show the rows that they are given."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.nern.figures.planes import loss_surface
from wsbook.papers.nern.figures.rounds import (
    accuracy_by_round,
    accuracy_on_lines,
    losses_by_round,
    s_ratio_by_round,
    ways,
)


@pytest.fixture
def table():
    """Three rounds of two trials: the first is shared, later ones differ by way."""
    rows = []
    for number, chosen in [(1, "last"), (2, "test"), (3, "test"), (2, "last"), (3, "last")]:
        for seed in (0, 1):
            accuracy = 0.9 + 0.01 * number + 0.001 * seed + (0.005 if chosen == "test" else 0)
            rows.append({"number": number, "chosen": chosen, "seed": seed, "test_accuracy": accuracy})
    frame = pd.DataFrame(rows).assign(original_test=0.905)
    return frame.assign(s_ratio_later=frame.test_accuracy - 0.9)


def test_the_first_round_lies_on_both_ways(table):
    both = ways(table)
    counts = both.groupby("way").number.value_counts().unstack()
    assert (counts == 2).all(axis=None) and counts.shape == (2, 3)
    assert set(both[both.way == "chosen on test"].chosen) == {"last", "test"}
    assert set(both[both.way == "no choice"].chosen) == {"last"}


def test_every_trial_is_a_dot_and_every_mean_a_dash(table):
    figure = accuracy_by_round(table, {1: 0.92, 3: 0.93})
    axis = figure.axes[0]
    dots = np.concatenate([layer.get_offsets()[:, 1] for layer in axis.collections])
    assert sorted(dots) == pytest.approx(sorted(ways(table).test_accuracy))
    paper = next(line for line in axis.lines if line.get_label() == "paper")
    assert list(paper.get_xdata()) == [1, 3] and list(paper.get_ydata()) == [0.92, 0.93]


def test_the_mean_line_of_s_ratio_is_the_mean_over_trials(table):
    axis = s_ratio_by_round(table).axes[0]
    line = next(line for line in axis.lines if line.get_label() == "chosen on test")
    assert list(line.get_xdata()) == [1, 2, 3]
    assert line.get_ydata() == pytest.approx([0.0105, 0.0255, 0.0355])


def test_lines_begin_at_the_original(table):
    courses = [[0.9, 0.91, 0.92], [0.9, 0.88, 0.89]] * (len(table) // 2)
    rows = table.assign(place=[[0.0, 0.5, 1.0]] * len(table), accuracy_course=courses)
    axis = accuracy_on_lines(rows).axes[0]
    named = [line for line in axis.lines if line.get_label().startswith("round")]
    assert len(named) == 3 and all(line.get_ydata()[0] == 0 for line in named)
    assert named[0].get_ydata()[-1] == pytest.approx(100 * ((0.02 - 0.01) / 2))


def test_a_surface_is_cut_off_at_the_ceiling_and_shows_the_networks():
    x, y = np.linspace(-1, 2, 7), np.linspace(-1, 1, 5)
    surface = (x[None] ** 2 + y[:, None] ** 2).flatten()
    row = pd.Series(
        {"x": list(x), "y": list(y), "surface": list(surface), "places": [0, 0, 1, 0, 0.5, 0.8]}
    )
    figure = loss_surface(row, ("a", "b", "c"), ceiling=2.0)
    axis = figure.axes[0]
    levels = axis.collections[0].levels
    assert levels[0] <= surface.min() and 2.0 <= levels[-1] < surface.max()
    calm = loss_surface(row, ("a", "b", "c"), ceiling=10 * surface.max()).axes[0].collections[0].levels
    assert surface.max() <= calm[-1] < 1.2 * surface.max()  # colours are spent on losses that there are
    points = next(line for line in axis.lines if line.get_marker() == "o")
    assert list(points.get_xdata()) == [0, 1, 0.5] and list(points.get_ydata()) == [0, 0, 0.8]
    assert [text.get_text() for text in axis.texts] == ["a", "b", "c"]


def test_losses_are_drawn_above_the_original_s():
    rows = [
        {"number": n, "seed": s, "loss": 0.4 + 0.1 * n + s, "tempered_loss": 0.3}
        for n in (1, 2)
        for s in (0, 2)
    ]
    axis = losses_by_round(pd.DataFrame(rows).assign(original_loss=0.5, original_tempered_loss=0.1)).axes[0]
    means = {line.get_label(): list(line.get_ydata()) for line in axis.lines if line.get_marker() == "o"}
    assert means["as they are"] == pytest.approx([1.0, 1.1])
    assert means["at temperatures of their own"] == pytest.approx([0.2, 0.2])
