"""Figures of paper C, drawn from record tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wsbook.figures.drawing import draw_floors, groups, mean_interval
from wsbook.figures.style import INK, PALETTE, PAPER, new_figure, ordered, style
from wsbook.papers.nern.samples.null import expected_best

CHOICES = {
    "test_accuracy": "last step",
    "test_by_val": "best on validation images",
    "test_by_test": "best on test images",
}
MIB = 2**20  # bytes
STORED = {
    "predictor_bytes": "predictor",
    "order_bytes": "order of the kernels",
    "rest_bytes": "batch normalisation and last layer",
}


@style()
def accuracy_by_size(table: pd.DataFrame, paper: Mapping[object, float], original: float) -> Figure:
    """Test accuracy against the hidden size, by which evaluation is reported: a dot a seed, and means."""
    figure, axis = new_figure(width=7.0, height=3.4)
    rows = groups(table, "hidden")
    for number, (metric, label) in enumerate(CHOICES.items()):
        colour, shift = PALETTE[number], 0.16 * (number - 1)
        for place, (_, group) in enumerate(rows):
            axis.scatter([place + shift] * len(group), group[metric], s=14, color=colour, linewidths=0)
            axis.plot(place + shift, group[metric].mean(), "_", color=INK, markersize=12)
        axis.plot([], [], "o", color=colour, label=label)
    draw_paper(axis, [hidden for hidden, _ in rows], paper)
    draw_floors(axis, {"original": original})
    axis.set_xticks(range(len(rows)), [f"{h}\nCR {group.cr.iloc[0]:.2f}" for h, group in rows])
    axis.set(xlabel="hidden size", ylabel="test accuracy", xlim=(-0.5, len(rows) - 0.5))
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def draw_paper(axis: Axes, settings: Sequence[object], paper: Mapping[object, float]) -> None:
    """The paper's values as hollow diamonds, where it has one for a setting."""
    found = [(place, paper[value]) for place, value in enumerate(settings) if value in paper]
    if found:
        places, values = zip(*found)
        style = {"color": INK, "markerfacecolor": PAPER, "markersize": 8, "linestyle": "none"}
        axis.plot(places, values, "D", label="paper", **style)


@style()
def courses(
    panels: Mapping[str, pd.DataFrame], by: str, labels: Mapping[object, str], zoom: bool = False
) -> Figure:
    """Test accuracy along the training: a thin line a run, means by setting; one panel a table.

    The axis goes from 0 to 1, or with `zoom` as far as the runs do.
    """
    figure, axes = new_figure(1, len(panels), sharey=True, squeeze=False)
    for axis, (title, table) in zip(axes[0], panels.items(), strict=True):
        rows = groups(table, by)
        for colour, (value, group) in zip(ordered(len(rows)), rows, strict=True):
            runs = np.array(group["test_course"].tolist())
            draw_runs(axis, group["at_step"].iloc[0], runs, colour, labels[value])
        axis.set(title=title, xlabel="step", ylim=None if zoom else (0, 1))
    axes[0][0].set_ylabel("test accuracy")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def draw_runs(axis: Axes, x: Sequence[float], runs: np.ndarray, colour: object, label: str) -> None:
    """Runs (seeds, points) as thin lines, and their mean; three runs would give no useful interval."""
    axis.plot(x, runs.T, color=colour, linewidth=0.7, alpha=0.6)
    axis.plot(x, runs.mean(0), marker="o", markersize=4, color=colour, label=label)


@style()
def by_layer(rows: Mapping[str, np.ndarray], ylabel: str, zero: bool = False, ramp: bool = True) -> Figure:
    """Arrays (seeds, layers) over the network's layers: a thin line a run, means by setting.

    More than two settings are coloured along a ramp; `ramp` is false where they have no order.
    """
    figure, axis = new_figure(width=7.0, height=3.2)
    colours = ordered(len(rows)) if ramp and len(rows) > 2 else PALETTE
    for colour, (name, values) in zip(colours, rows.items()):
        draw_runs(axis, np.arange(1, values.shape[1] + 1), values, colour, name)
    if zero:
        axis.axhline(0, color=INK, linewidth=0.8)
    axis.set(xlabel="convolution, from the input", ylabel=ylabel)
    axis.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@style()
def kernel_grid(
    before: np.ndarray, after: Sequence[np.ndarray], titles: Sequence[str], columns: int
) -> Figure:
    """The same 3x3 kernels (n, 9) of one layer before and after, as coloured squares in grids."""
    figure, axes = new_figure(1, 1 + len(after), height=2.3, squeeze=False)
    figure.get_layout_engine().set(wspace=0.06)
    limit = np.abs(before).max()
    for axis, kernels, title in zip(axes[0], (before, *after), titles, strict=True):
        axis.imshow(mosaic(kernels, columns), cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
        axis.set(title=title, xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set_visible(False)
    return figure


def mosaic(kernels: np.ndarray, columns: int) -> np.ndarray:
    """Kernels (n, 9) as one picture, `columns` a row, with empty lines between them."""
    rows = -(-len(kernels) // columns)
    picture = np.full((rows * 4 - 1, columns * 4 - 1), np.nan)
    for place, kernel in enumerate(kernels):
        top, left = 4 * (place // columns), 4 * (place % columns)
        picture[top : top + 3, left : left + 3] = kernel.reshape(3, 3)
    return picture


@style()
def gains_by_strength(panels: Mapping[str, Mapping[str, pd.DataFrame]], xlabel: str) -> Figure:
    """Gain in accuracy against the strength of an alteration: one panel a block, one line a frame.

    Means over parts of the test images, with intervals of 95 %; in percentage points, on a scale that is
    linear between -1 and 1 and logarithmic beyond.
    """
    figure, axes = new_figure(1, len(panels), height=3.0, sharey=True, squeeze=False)
    for axis, (title, lines) in zip(axes[0], panels.items(), strict=True):
        for colour, (label, table) in zip(PALETTE, lines.items()):
            gains = 100 * table.pivot_table("gain", "seed", "strength")
            mean, half = mean_interval(gains.to_numpy())
            axis.plot(gains.columns, mean, marker="o", markersize=4, color=colour, label=label)
            axis.fill_between(gains.columns, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
        axis.axhline(0, color=INK, linewidth=0.8)
        axis.set(title=title, xlabel=xlabel)
        axis.set_yscale("symlog", linthresh=1)
    axes[0][0].set_ylabel("gain, percentage points")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@style()
def stored_bytes(table: pd.DataFrame) -> Figure:
    """What has to be stored with predictors of one network, stacked, against the network itself."""
    figure, axis = new_figure(width=7.0, height=3.2)
    below = np.zeros(len(table))
    for colour, (part, label) in zip(PALETTE, STORED.items()):
        size = table[part].to_numpy() / MIB
        axis.bar(range(len(table)), size, 0.5, below, color=colour, label=label)
        below += size
    first = table.iloc[0]
    draw_floors(axis, {"float32": first.original_bytes / MIB, "int8": first.original_int8 / MIB})
    axis.set_xticks(range(len(table)), [f"h = {h}" for h in table.hidden])
    axis.set(xlabel="hidden size", ylabel="MiB", xlim=(-0.5, len(table) - 0.5))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@style()
def best_of_many(gains: Mapping[str, np.ndarray], paper: float) -> Figure:
    """Expected gain, in percentage points, of the best of k evaluations against k: one line a sample."""
    figure, axis = new_figure(width=7.0, height=3.2)
    for (label, values), colour in zip(gains.items(), PALETTE):
        counts = np.arange(1, len(values) + 1)
        axis.plot(counts, [100 * expected_best(values, k) for k in counts], color=colour, label=label)
    axis.axhline(0, color=INK, linewidth=0.8)
    draw_floors(axis, {"paper": 100 * paper})
    axis.set(xlabel="evaluations to choose from", ylabel="gain, percentage points")
    figure.legend(loc="outside lower center", ncols=3)
    return figure
