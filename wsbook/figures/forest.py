"""Estimates with their intervals, one below the other, beside a line that they are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wsbook.figures.style import BLUE, INK, PAPER, RUST, new_figure, style

WIDTH, HEIGHT = 3.1, 2.05  # inches: of a card of the front page


@dataclass(frozen=True)
class Row:
    """An estimate, ours with its interval or the paper's without."""

    label: str
    value: float
    interval: tuple[float, float] | None = None
    paper: bool = False


@style()
def forest(rows: Sequence[Row], xlabel: str, line: float = 0.0, unit: float = 1.0) -> Figure:
    """A row an estimate under its label: dots of ours with their intervals, diamonds of the paper, and a line to compare
    with. Values are multiplied by `unit`, such as 100 for shares in per cent."""
    figure, axis = new_figure(width=WIDTH, height=HEIGHT)
    axis.axvline(unit * line, color=INK, linewidth=0.9, alpha=0.7)
    for place, row in enumerate(rows):
        draw_row(axis, row, -place, unit)
    axis.set(xlabel=xlabel, ylim=(-len(rows) + 0.55, 0.8), yticks=[])
    axis.spines["left"].set_visible(False)
    axis.grid(False, axis="y")
    return figure


def draw_row(axis: Axes, row: Row, place: float, unit: float) -> None:
    """One row at a height, its label above it at the left end."""
    axis.text(
        0, place + 0.2, row.label, transform=axis.get_yaxis_transform(), fontsize=9.5, va="bottom",
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},  # hides lines of the axis
    )  # fmt: skip
    value = unit * row.value
    if row.paper:
        axis.plot(value, place, "D", color=RUST, markerfacecolor=PAPER, markeredgewidth=1.6, markersize=7)
        return
    if row.interval:
        axis.plot([unit * end for end in row.interval], [place, place], color=BLUE, linewidth=2.6)
    axis.plot(value, place, "o", color=BLUE, markersize=6.5)
