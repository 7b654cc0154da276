"""Figures and tables of networks that an autoencoder reconstructs."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.drawing import draw_means, groups, log_axis
from wsbook.figures.style import INK, PALETTE, new_figure, style
from wsbook.papers.sane.figures.labels import short, trained

GUESSING = 0.2  # accuracy; one in ten is right by chance


@style()
def dots(table: pd.DataFrame, by: str, metric: str, panels: str, ylabel: str) -> Figure:
    """A metric by a setting, a dot a seed with means, one panel for each value of another."""
    parts = groups(table, panels)
    figure, axes = new_figure(1, len(parts), sharey=True, squeeze=False)
    for axis, (value, part) in zip(axes[0], parts):
        for place, (_, rows) in enumerate(groups(part, by)):
            axis.scatter([place] * len(rows), rows[metric], s=18, color=PALETTE[place])
            axis.plot(place, rows[metric].mean(), "_", color=INK, markersize=16)
        names = [str(name) for name, _ in groups(part, by)]
        axis.set_xticks(range(len(names)), names, rotation=25, ha="right")
        axis.set(title=short(str(value)), xlim=(-0.5, len(names) - 0.5))
    axes[0][0].set_ylabel(ylabel)
    return figure


@style()
def by_rate(table: pd.DataFrame, metric: str, ylabel: str) -> Figure:
    """A metric against the learning rate, a line a normalisation, a dot a seed."""
    figure, axis = new_figure(width=7.0)
    for colour, (name, rows) in zip(PALETTE, groups(table, "normalisation")):
        draw_means(axis, rows, "lr", metric, colour, {"none": "plain loss", "token": "by token"}[name])
    log_axis(axis, table.lr)
    axis.set(xlabel="largest learning rate", ylabel=ylabel)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def of_architectures(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each architecture that an autoencoder of the table reconstructs: mean accuracies before and after
    it, and whether it was trained with contrast."""
    rows = [
        {
            "architecture": kind,
            "autoencoder": "its own" if len(kinds) == 1 else "shared",
            "trained": trained(row.contrast),
            "before": a,
            "after": b,
        }
        for _, row in table.iterrows()
        if (kinds := row.network.split("+"))
        for kind, a, b in zip(kinds, row.original_by_zoo, row.rebuilt_by_zoo)
    ]
    return pd.DataFrame(rows, columns=["architecture", "autoencoder", "trained", "before", "after"])


def by_architecture(table: pd.DataFrame, by: str = "autoencoder") -> pd.DataFrame:
    """Mean accuracies before and after autoencoders, a row for each architecture and way `by` which they differ."""
    found = of_architectures(table).groupby(["architecture", by], sort=False)
    return found[["before", "after"]].mean().reset_index()


def collapsed(table: pd.DataFrame) -> pd.DataFrame:
    """How many trainings there are with contrast and without, and in how many all networks come back as guesses."""
    ways = table.contrast.map(trained).rename("trained")
    guesses = table.rebuilt_by_zoo.map(lambda accuracies: max(accuracies, default=1.0) < GUESSING)
    found = guesses.groupby(ways, sort=False)
    return pd.DataFrame({"trainings": found.size(), "collapsed": found.sum()})


def rounded_otherwise(first: pd.DataFrame, second: pd.DataFrame) -> str:
    """In how many trainings of shared autoencoders with contrast, of the same seeds in two tables, networks come back
    as guesses."""
    shared = [
        table[table.network.str.contains("+", regex=False) & (table.contrast > 0)]
        for table in (first, second)
    ]
    seeds = set(shared[0].seed) & set(shared[1].seed)
    counts = [collapsed(table[table.seed.isin(seeds)]).collapsed.sum() for table in shared]
    return (
        f"of {len(seeds)} seeds with contrast that both have, {counts[0]} collapsed in the first and"
        f" {counts[1]} in the second"
    )


@style()
def architectures(table: pd.DataFrame) -> Figure:
    """Accuracy of reconstructed networks, by architecture, with an autoencoder of their own and a shared one."""
    figure, axis = new_figure(width=7.0)
    means = by_architecture(table).pivot_table("after", "architecture", "autoencoder", sort=False)
    before = by_architecture(table).groupby("architecture", sort=False).before.mean()
    for number, name in enumerate(means):
        axis.bar(
            np.arange(len(means)) + 0.3 * (number - 0.5),
            means[name],
            0.26,
            color=PALETTE[number],
            label=name,
        )
    axis.hlines(before[means.index], *np.arange(len(means)) + [[-0.35], [0.35]], color=INK, label="before")
    axis.set_xticks(range(len(means)), means.index)
    axis.set(ylabel="test accuracy", ylim=(0, 1))
    figure.legend(loc="outside lower center", ncols=3)
    return figure
