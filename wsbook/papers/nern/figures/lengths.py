"""Second trainings as the paper's table 2 has them, and by their length."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.style import PALETTE, new_figure, style
from wsbook.papers.nern.samples.decoupled import best_rate, trainings

NETWORK = "resnet20-cifar10"
OBJECTIVES = {
    "decoupled": False,
    "joint (NeRN)": True,
}  # and whether reconstruction goes on beside distillation


def interval(values: pd.Series) -> str:
    """A mean of shares in per cent, and their smallest and largest."""
    if values.empty:
        return "–"
    return f"{100 * values.mean():.2f} ({100 * values.min():.2f} to {100 * values.max():.2f})"


def beside_table_2(table: pd.DataFrame, paper: Mapping[str, Mapping[int, float]]) -> pd.DataFrame:
    """Table 2 for CIFAR-10 in the paper's layout, ours below each of its numbers: a row a method, a column a hidden size.

    `table` has records of ResNet-20; `paper` the printed shares by method and hidden size. Each method at the rate that is best on
    validation images; means over seeds with the smallest and the largest.
    """
    columns = sorted(table.hidden.unique())
    before = {h: table[table.hidden == h].drop_duplicates("seed").start_accuracy for h in columns}
    rows = {"reconstruction alone": before} | {
        name: {h: best_rate(trainings(table, h, joint)).test_accuracy for h in columns}
        for name, joint in OBJECTIVES.items()
    }
    lines = []
    for name, values in rows.items():
        printed = {f"h = {h}": f"{100 * paper[name][h]:.2f}" if h in paper[name] else "–" for h in columns}
        lines.append({"method": name, "of": "the paper", **printed})
        lines.append({"method": "", "of": "ours", **{f"h = {h}": interval(values[h]) for h in columns}})
    return pd.DataFrame(lines)


@style()
def accuracy_by_length(
    table: pd.DataFrame, paper: Mapping[str, float], start: float, original: float
) -> Figure:
    """Test accuracy after the second training against its length in steps: a dot a seed, the line of the means, and the
    paper's values as diamonds. `start` and `original` are drawn as lines."""
    figure, axis = new_figure(height=3.4)
    for colour, (name, joint) in zip(PALETTE, OBJECTIVES.items()):
        rows = table[(table.reconstruction > 0) == joint]
        means = rows.groupby("steps").test_accuracy.mean()
        axis.plot(means.index, means, color=colour, label=name)
        axis.scatter(rows.steps, rows.test_accuracy, s=14, color=colour)
        axis.plot(19_600, paper[name], "D", color=colour, markerfacecolor="none", markersize=8)
    for value, name in ((start, "reconstruction alone"), (original, "original")):
        axis.axhline(value, linestyle="--", linewidth=0.8, color=PALETTE[-1])
        axis.annotate(name, (0.02, value), xycoords=("axes fraction", "data"), va="bottom", fontsize=9)
    axis.set(xscale="log", xlabel="steps of 256 images", ylabel="test accuracy")
    axis.legend(loc="lower right")
    return figure


def by_length(table: pd.DataFrame) -> pd.DataFrame:
    """Means in per cent by length, decoupled and joint, and how far decoupled training leads, in points."""
    wide = 100 * table.assign(
        objective=np.where(table.reconstruction > 0, "joint (NeRN)", "decoupled")
    ).pivot_table("test_accuracy", "steps", "objective").reindex(columns=list(OBJECTIVES))
    return wide.assign(lead=wide["decoupled"] - wide["joint (NeRN)"]).rename_axis(columns=None)
