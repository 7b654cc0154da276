"""Figures of progressive rounds, drawn from record tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.drawing import draw_floors
from wsbook.figures.style import INK, PALETTE, new_figure, ordered, style
from wsbook.papers.nern.figures.predictors import draw_paper, draw_runs


def ways(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of rounds, each with the way ("way") on which it lies; the first round lies on both."""
    chosen = table[(table.chosen == "test") | (table.number == 1)]
    own = table[table.chosen == "last"]
    return pd.concat([chosen.assign(way="chosen on test"), own.assign(way="no choice")])


@style()
def accuracy_by_round(table: pd.DataFrame, paper: Mapping[object, float]) -> Figure:
    """Test accuracy at the last step against the round: a dot a trial, and means, by way."""
    figure, axis = new_figure(width=7.0, height=3.4)
    numbers = sorted(table.number.unique())
    for place, (way, rows) in enumerate(ways(table).groupby("way")):
        shift = 0.2 * (place - 0.5)
        axis.scatter(rows.number + shift, rows.test_accuracy, s=16, color=PALETTE[place], label=way)
        means = rows.groupby("number").test_accuracy.mean()
        axis.plot(means.index + shift, means, "_", color=INK, markersize=12)
    draw_paper(axis, range(numbers[-1] + 1), paper)
    draw_floors(axis, {"original": table.original_test.iloc[0]})
    axis.set(xlabel="round", ylabel="test accuracy", xticks=numbers, xlim=(0.5, numbers[-1] + 0.5))
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@style()
def s_ratio_by_round(table: pd.DataFrame) -> Figure:
    """Mean difference of S_ratio over the later half of the layers, by round and way."""
    figure, axis = new_figure(height=2.9)
    numbers = sorted(table.number.unique())
    for colour, (way, rows) in zip(PALETTE, ways(table).groupby("way")):
        by_trial = rows.pivot_table("s_ratio_later", "seed", "number")
        draw_runs(axis, by_trial.columns, by_trial.to_numpy(), colour, way)
    axis.axhline(0, color=INK, linewidth=0.8)
    axis.set(xlabel="round", ylabel="difference of S_ratio", xticks=numbers)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@style()
def losses_by_round(table: pd.DataFrame) -> Figure:
    """Test losses minus the original's by round, as they are and at temperatures of their own."""
    figure, axis = new_figure(height=2.9)
    numbers = sorted(table.number.unique())
    kinds = {"loss": "as they are", "tempered_loss": "at temperatures of their own"}
    for colour, (metric, label) in zip(PALETTE, kinds.items()):
        above = table.assign(above=table[metric] - table[f"original_{metric}"])
        draw_runs(axis, numbers, above.pivot_table("above", "seed", "number").to_numpy(), colour, label)
    axis.axhline(0, color=INK, linewidth=0.8)
    axis.set(xlabel="round", ylabel="nats above the original", xticks=numbers)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@style()
def accuracy_on_lines(table: pd.DataFrame) -> Figure:
    """Test accuracy, minus the original's, on the lines from the original to the networks of each round."""
    figure, axis = new_figure(width=7.0, height=3.2)
    numbers = sorted(table.number.unique())
    for colour, number in zip(ordered(len(numbers)), numbers):
        rows = table[table.number == number]
        courses = 100 * np.array(rows.accuracy_course.tolist())
        draw_runs(axis, rows.place.iloc[0], courses - courses[:, :1], colour, f"round {number}")
    axis.axhline(0, color=INK, linewidth=0.8)
    axis.set(xlabel="place between original (0) and round (1)", ylabel="gain, percentage points")
    figure.legend(loc="outside lower center", ncols=5)
    return figure
