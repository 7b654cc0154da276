"""What figures have in common: groups of records, means with intervals, reference lines, axes."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import t as student

from wsbook.figures.style import INK


def groups(table: pd.DataFrame, by: str) -> list[tuple[object, pd.DataFrame]]:
    """Rows by setting, in the order of the table."""
    return list(table.groupby(by, sort=False))


def mean_interval(values: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Mean over axis 0 and the half-width of Student's interval."""
    n = len(values)
    half = (
        student.ppf((1 + level) / 2, n - 1) * values.std(0, ddof=1) / np.sqrt(n) if n > 1 else 0 * values[0]
    )
    return values.mean(0), half


def draw_floors(axis: Axes, floors: Mapping[str, float]) -> None:
    """Dashed reference lines, each named at the right end."""
    for name, value in floors.items():
        axis.axhline(value, color=INK, linestyle=(0, (4, 3)), linewidth=0.8, alpha=0.7)
        axis.annotate(
            name,
            (1, value),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=8.5,
        )


def draw_means(axis: Axes, rows: pd.DataFrame, by: str, metric: str, colour: str, label: str) -> None:
    """A dot a record and the line of means."""
    axis.scatter(rows[by], rows[metric], s=14, color=colour, alpha=0.6, linewidths=0)
    means = rows.groupby(by)[metric].mean()
    axis.plot(means.index, means, color=colour, label=label)


def log_axis(axis: Axes, values: Iterable[float]) -> None:
    """A logarithmic x axis with a tick at each of few values."""
    ticks = sorted(set(values))
    axis.set_xscale("log")
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
