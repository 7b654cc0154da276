"""Figures of paper A, drawn from record tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.display import number
from wsbook.figures.drawing import draw_floors, groups, mean_interval
from wsbook.figures.style import INK, PALETTE, PAPER, ink_on, new_figure, ordered, style


@style()
def learning_curves(table: pd.DataFrame, by: str, labels: Mapping[object, str] | None = None) -> Figure:
    """Train and test error against the epoch: mean over seeds, with the 95 % interval of the mean."""
    figure, axes = new_figure(1, 2, sharey=True)
    rows = groups(table, by)
    for colour, (value, group) in zip(ordered(len(rows)), rows, strict=True):
        for axis, curve in zip(axes, ("train_curve", "test_curve"), strict=True):
            mean, half = mean_interval(np.array(group[curve].tolist()))
            epochs = np.linspace(group["epochs"].iloc[0] / len(mean), group["epochs"].iloc[0], len(mean))
            label = (labels or {}).get(value, str(value))
            axis.plot(epochs, mean, color=colour, label=label)
            axis.fill_between(epochs, mean - half, mean + half, color=colour, alpha=0.25, linewidth=0)
    for axis, title in zip(axes, ("Training, learned codes", "Held out, Moore–Penrose codes"), strict=True):
        axis.set(title=title, xlabel="epoch")
    axes[0].set_ylabel("relative error")
    axes[0].set_ylim(bottom=0)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(rows))
    return figure


@style()
def errors_by_setting(
    table: pd.DataFrame,
    by: str,
    paper: Mapping[object, float] | None = None,
    floors: Mapping[str, float] | None = None,
    metrics: Mapping[str, str] | None = None,
) -> Figure:
    """Final errors: a dot a seed, the mean with its interval, and the paper's value as a diamond.

    `paper` maps settings to the paper's test errors; `floors` names horizontal reference lines.
    """
    metrics = metrics or {"train_error": "train", "test_error": "held out"}
    rows = groups(table, by)
    figure, axis = new_figure(width=7.0, height=3.4)
    for shift, colour, (metric, label) in zip((-0.16, 0.16), PALETTE, metrics.items(), strict=False):
        for place, (_, group) in enumerate(rows):
            values = group[metric].to_numpy()
            spread = np.linspace(-0.09, 0.09, len(values))
            axis.scatter(place + shift + spread, values, s=9, color=colour, alpha=0.45, linewidths=0)
            mean, half = mean_interval(values)
            axis.errorbar(place + shift, mean, half, color=INK, marker="o", markersize=4, capsize=3)
        axis.plot([], [], "o", color=colour, label=label)
    for place, (value, _) in enumerate(rows):
        if paper and value in paper:
            axis.plot(
                place + 0.16, paper[value], "D", color=PALETTE[1], markerfacecolor=PAPER, markersize=8
            )
    if paper:
        axis.plot([], [], "D", color=PALETTE[1], markerfacecolor=PAPER, label="paper, held out")
    draw_floors(axis, floors or {})
    axis.set_xticks(range(len(rows)), [str(value) for value, _ in rows])
    axis.set(xlabel=by, ylabel="relative error", xlim=(-0.6, len(rows) - 0.2))
    axis.set_ylim(bottom=0)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def reference_lines(floors: pd.DataFrame, k: int = 30, atoms: str = "unit-norm") -> dict[str, float]:
    """Mean landmarks from the records of the floors; those closer than .02 share a line."""
    rows = floors[(floors.k == k) & (floors.atoms == atoms)]
    names = {"noise_floor": "noise", "oracle": "oracle", "pca": f"PCA, {k}", "random": "chance"}
    lines: dict[str, float] = {}
    for column, name in names.items():
        value = rows[column].mean()
        near = next((known for known, at in lines.items() if abs(at - value) < 0.02), None)
        if near is None:
            lines[name] = value
        else:
            lines[f"{near} ≈ {name}"] = lines.pop(near)
    return lines


@style()
def ladder(rows: Sequence[tuple[str, np.ndarray]], lines: Mapping[str, float]) -> Figure:
    """Horizontal ladder of errors: a dot a seed and the mean, from the floor up; `lines` are values of the paper."""
    figure, axis = new_figure(width=7.0, height=0.42 * len(rows) + 1.1)
    for place, (_, values) in enumerate(rows):
        axis.scatter(values, np.full(len(values), place), s=9, color=PALETTE[0], alpha=0.4, linewidths=0)
        axis.plot(values.mean(), place, "o", color=INK, markersize=5)
    for name, value in lines.items():
        axis.axvline(value, color=PALETTE[1], linestyle=(0, (4, 3)), linewidth=1.2)
        axis.annotate(
            name, (value, 1), xycoords=("data", "axes fraction"), xytext=(3, -1),
            textcoords="offset points", va="top", rotation=90, fontsize=8.5,
        )  # fmt: skip
    axis.set_yticks(range(len(rows)), [name for name, _ in rows])
    axis.set(xlabel="relative error on held-out weights", xlim=(0, 1.05), ylim=(-0.6, len(rows) + 0.2))
    return figure


@style()
def reconstruction(weight: np.ndarray, approximation: np.ndarray, shown: int = 120) -> Figure:
    """One held-out weight and its reconstruction, coordinate by coordinate (the paper's figure 2)."""
    figure, axis = new_figure(width=7.5, height=2.6)
    axis.plot(weight[:shown], color=INK, linewidth=1.0, label="held-out weight")
    axis.plot(approximation[:shown], color=PALETTE[0], linewidth=1.6, label="reconstruction")
    axis.set(xlabel="coordinate", ylabel="value")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@style()
def band_errors(table: pd.DataFrame) -> Figure:
    """Relative error by frequency band, and slopes at peaks and in the bulk."""
    figure, axes = new_figure(1, 2)
    bands = np.array(table["bands"].tolist())
    mean, half = mean_interval(bands)
    axes[0].errorbar(range(1, len(mean) + 1), mean, half, color=PALETTE[0], marker="o", capsize=3)
    axes[0].set(title="By frequency", xlabel="band, low to high", ylabel="relative error")
    axes[0].set_ylim(0, 1.6 * mean.max())
    for place, metric in enumerate(("bulk_slope", "peak_slope")):
        values = table[metric].to_numpy()
        spread = np.linspace(-0.1, 0.1, len(values))
        axes[1].scatter(place + spread, values, s=9, color=PALETTE[2], alpha=0.5, linewidths=0)
        axes[1].errorbar(place, *mean_interval(values), color=INK, marker="o", markersize=4, capsize=3)
    axes[1].set_xticks([0, 1], ["bulk", "largest 5 %"])
    axes[1].set(title="Slope of reconstruction on weight", xlim=(-0.5, 1.5))
    axes[1].set_ylim(0, 1.05)
    return figure


@style()
def heat_map(grid: pd.DataFrame, title: str, xlabel: str, ylabel: str, digits: int = 2) -> Figure:
    """A table of means as a heat map with its numbers written in."""
    import seaborn as sns

    height = 0.5 * len(grid) + 1.2
    figure, axis = new_figure(width=max(4.0, 1.1 * grid.shape[1] + 2.2), height=height)
    colours = sns.color_palette("crest", as_cmap=True)
    low, high = np.nanmin(grid.to_numpy()), np.nanmax(grid.to_numpy())
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            value = grid.iat[row, column]
            fill = colours((value - low) / ((high - low) or 1))
            axis.add_patch(_square(column, row, fill))
            axis.text(
                column, row, f"{value:.{digits}f}", ha="center", va="center", color=ink_on(_hex(fill))
            )
    axis.set(xlim=(-0.5, grid.shape[1] - 0.5), ylim=(grid.shape[0] - 0.5, -0.5))
    axis.set_xticks(range(grid.shape[1]), [str(x) for x in grid.columns])
    axis.set_yticks(range(grid.shape[0]), [str(y) for y in grid.index])
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.grid(False)
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.tick_params(length=0)
    return figure


def _square(column: int, row: int, fill) -> object:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, facecolor=fill, linewidth=0)


def _hex(colour) -> str:
    from matplotlib.colors import to_hex

    return to_hex(colour)


@style()
def singular_values(table: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Mean singular values of sets of weights, for every training in the table."""
    rows = groups(table, "epochs")
    figure, axes = new_figure(1, len(rows), width=7.5, sharey=True, squeeze=False)
    for axis, (epochs, group) in zip(axes[0], rows, strict=True):
        for colour, (name, label) in zip((INK, *PALETTE), names.items(), strict=False):
            mean, half = mean_interval(np.array(group[name].tolist()))
            index = np.arange(1, len(mean) + 1)
            axis.plot(index, mean, color=colour, label=label)
            axis.fill_between(index, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
        axis.set(title=f"{epochs} epochs", xlabel="index")
    axes[0][0].set_ylabel("singular value")
    axes[0][0].set_ylim(bottom=0)
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@style()
def specification_curve(
    estimates: pd.Series, lines: Mapping[str, float], mark: str = "streams", marked: str = "shared"
) -> Figure:
    """Every reading's estimate in ascending order, above the choices that make each reading.

    `estimates` is indexed by the choices; readings whose level `mark` equals `marked` get their own colour.
    """
    values = estimates.sort_values(kind="stable")
    choices = [name for name in values.index.names if values.index.unique(name).size > 1]
    levels = [
        (name, level) for name in choices for level in dict.fromkeys(estimates.index.get_level_values(name))
    ]
    figure, (top, bottom) = new_figure(
        2, 1, width=7.5, height=3.4, sharex=True, gridspec_kw={"height_ratios": [1, 0.062 * len(levels)]}
    )
    special = values.index.get_level_values(mark) == marked
    colours = np.where(special, PALETTE[1], PALETTE[0])
    places = np.arange(len(values))
    for flag, label in ((False, f"{mark}: not {marked}"), (True, f"{mark}: {marked}")):
        chosen = special == flag
        top.scatter(
            places[chosen], values[chosen], s=10, color=PALETTE[int(flag)], label=label, linewidths=0
        )
    for name, value in lines.items():
        top.axhline(value, color=INK, linestyle=(0, (4, 3)), linewidth=0.9)
        top.annotate(
            name, (1, value), xycoords=("axes fraction", "data"), xytext=(-3, 2),
            textcoords="offset points", ha="right", fontsize=8.5,
        )  # fmt: skip
    top.set(ylabel="relative error, held out", ylim=(0, 1.05))
    top.legend(loc="upper left")
    for row, (name, level) in enumerate(levels):
        chosen = values.index.get_level_values(name) == level
        bottom.scatter(places[chosen], np.full(chosen.sum(), row), s=12, marker="|", color=colours[chosen])
    bottom.set_yticks(range(len(levels)), [f"{name} {_short(level)}" for name, level in levels], fontsize=8)
    bottom.set(xlabel="readings, by their error", ylim=(len(levels) - 0.4, -0.6))
    bottom.grid(False)
    return figure


def _short(level: object) -> str:
    return f"{level:.3g}" if isinstance(level, float) else str(level)


@style()
def survival(counts: pd.DataFrame, share: float = 0.95) -> Figure:
    """Shares of readings by verdict, a bar a statement and a panel for each kind of random streams.

    `counts` has rows (streams, statement) and columns of counts; a dashed line marks the `share` that is asked for.
    """
    kinds = counts.index.unique("streams")
    statements = counts.index.unique("statement")
    figure, axes = new_figure(
        1, len(kinds), width=7.5, height=0.34 * len(statements) + 1.2, sharey=True, squeeze=False
    )
    colours = dict(zip(counts.columns, (PALETTE[0], PALETTE[4], INK, PALETTE[1]), strict=False))
    for axis, kind in zip(axes[0], kinds, strict=True):
        shares = counts.loc[kind].div(counts.loc[kind].sum(axis=1), axis=0)
        left = np.zeros(len(shares))
        for word, values in shares.items():
            alpha = 0.3 if colours[word] == INK else 1  # what is undecided takes no side
            axis.barh(statements, values, 0.75, left, color=colours[word], alpha=alpha, label=word)
            left += values.to_numpy()
        axis.axvline(share, color=INK, linestyle=(0, (4, 3)), linewidth=0.9)
        axis.set(title=f"{kind} streams", xlabel="share of readings", xlim=(0, 1))
    axes[0][0].invert_yaxis()
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=len(colours))
    return figure


def ranking(
    table: pd.DataFrame, by: str, metric: str, names: Mapping[str, str], highest_first: bool = False
) -> str:
    """The means of a metric by setting, best first, as words: "PCA 0.259, K-SVD 0.396"."""
    means = table.groupby(by)[metric].mean().sort_values(ascending=not highest_first)
    return ", ".join(f"{names[name]} {number(value)}" for name, value in means.items())
