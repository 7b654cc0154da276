"""Figures of dictionaries on real networks, drawn from record tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.drawing import groups, mean_interval
from wsbook.figures.style import INK, PALETTE, new_figure, style


@style()
def rate_accuracy(table: pd.DataFrame, original: float, labels: Mapping[str, str]) -> Figure:
    """Error and test accuracy of a network whose kernels were stored, against bits a weight."""
    figure, axes = new_figure(1, 2, width=7.5, height=3.1)
    for colour, marker, (method, rows) in zip(PALETTE, "osD^v", groups(table, "method"), strict=False):
        bits = np.nanmean(np.array(rows["bits"].tolist(), dtype=float), axis=0)
        for axis, name in zip(axes, ("error", "accuracy"), strict=True):
            mean, half = mean_interval(np.array(rows[name].tolist(), dtype=float))
            axis.errorbar(bits, mean, half, color=colour, marker=marker, capsize=2, label=labels[method])
    axes[1].axhline(original, color=INK, linestyle=(0, (4, 3)), linewidth=0.9)
    axes[1].annotate(
        "original", (0, original), xycoords=("axes fraction", "data"), xytext=(3, -10),
        textcoords="offset points", fontsize=8.5,
    )  # fmt: skip
    axes[0].set(title="Relative error", xlabel="bits a weight")
    axes[1].set(title="Test accuracy", xlabel="bits a weight")
    for axis in axes:
        axis.set_ylim(0, 1)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@style()
def paths(panels: Mapping[str, pd.DataFrame], names: Mapping[str, str], along: str, ylabel: str) -> Figure:
    """Mean curves NAME of several tables, one panel a table, with the interval over seeds."""
    figure, axes = new_figure(1, len(panels), width=7.5, sharey=True, squeeze=False)
    for axis, (title, table) in zip(axes[0], panels.items(), strict=True):
        for colour, (name, label) in zip(PALETTE, names.items(), strict=False):
            mean, half = mean_interval(np.array(table[name].tolist()))
            place = np.linspace(0, 1, len(mean))
            axis.plot(place, mean, color=colour, label=label)
            axis.fill_between(place, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
        axis.set(title=title, xlabel=along)
    axes[0][0].set(ylabel=ylabel, ylim=(0, 1))
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
