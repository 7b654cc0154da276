"""Figures of the ways to sample networks."""

import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.drawing import draw_means, log_axis
from wsbook.figures.style import PALETTE, new_figure, ordered, style

DRAWS = {False: "a draw for each token", True: "one draw for all tokens"}


@style()
def by_candidates(table: pd.DataFrame, bandwidth: float) -> Figure:
    """Accuracy of the kept candidates by their number, a line for each number of prompts, a panel a way to draw."""
    figure, axes = new_figure(1, 2, sharey=True)
    rows = table[(table.bandwidth == bandwidth) & (table.rounds == 1)]
    for axis, (shared, title) in zip(axes, DRAWS.items(), strict=True):
        counts = sorted(set(rows.prompts))
        for colour, count in zip(ordered(len(counts)), counts):
            part = rows[(rows.shared == shared) & (rows.prompts == count)]
            draw_means(
                axis,
                part,
                "candidates",
                "generated",
                colour,
                f"{count} prompts" if count > 1 else "1 prompt",
            )
        axis.set(title=title, xlabel="candidates")
    axes[0].set_ylabel("test accuracy")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


LINES = {  # by metric
    "generated": ("those kept", "-"),
    "candidates_val": ("all of them", ":"),
    "noisy_prompts": ("prompts with noise, as far", "--"),
}


@style()
def by_bandwidth(table: pd.DataFrame) -> Figure:
    """Accuracy of the kept candidates, of all, and of noisy prompts, by the bandwidth of the density, a panel a way
    to draw, for the numbers of prompts and candidates that have most bandwidths."""
    figure, axes = new_figure(1, 2, sharey=True)
    numbers = table[table.rounds == 1].groupby(["prompts", "candidates"])
    rows = numbers.get_group(numbers.bandwidth.nunique().idxmax())
    for axis, (shared, title) in zip(axes, DRAWS.items(), strict=True):
        part = rows[rows.shared == shared]
        for colour, (metric, (label, line)) in zip(PALETTE, LINES.items()):
            means = part.groupby("bandwidth")[metric].mean()
            axis.scatter(part.bandwidth, part[metric], s=14, color=colour, alpha=0.6, linewidths=0)
            axis.plot(means.index, means, color=colour, linestyle=line, label=label)
        log_axis(axis, rows.bandwidth)
        axis.set(title=title, xlabel="bandwidth")
    axes[0].set_ylabel("accuracy")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
