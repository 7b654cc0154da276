"""Figures and tables of populations of networks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.drawing import draw_floors
from wsbook.figures.style import PALETTE, new_figure, style
from wsbook.papers.sane.figures.labels import CHANCES, short
from wsbook.zoo.networks import network


def summary(gallery: pd.Series) -> pd.DataFrame:
    """One row for each zoo: how many networks, and their accuracies."""
    rows = pd.DataFrame({"zoo": gallery.zoo, "accuracy": gallery.test_accuracy})
    parts = rows.groupby("zoo").accuracy
    found = pd.DataFrame(
        {
            "networks": parts.size(),
            "mean": parts.mean(),
            "standard deviation": parts.std(),
            "lowest": parts.min(),
        }
    ).assign(highest=parts.max())
    return (
        found.set_axis([short(data) for data in gallery.data.split("+")]).rename_axis("zoo").reset_index()
    )


@style()
def accuracies(gallery: pd.Series) -> Figure:
    """Test accuracy of every network, zoo by zoo."""
    figure, axis = new_figure(width=7.0)
    sets = gallery.data.split("+")
    for number in range(len(sets)):
        values = np.sort([a for a, z in zip(gallery.test_accuracy, gallery.zoo) if z == number])
        axis.scatter(number + np.linspace(-0.25, 0.25, len(values)), values, s=10, color=PALETTE[number])
    axis.set_xticks(range(len(sets)), map(short, sets))
    draw_floors(axis, CHANCES)
    axis.set(ylabel="test accuracy", ylim=(0, 1))
    return figure


@style()
def maps(gallery: pd.Series, kind: str) -> Figure:
    """Networks of all zoos in two dimensions, before and after alignment; `kind` is pca or tsne."""
    figure, axes = new_figure(1, 2, height=3.3)
    sets = gallery.data.split("+")
    of = np.array(gallery.zoo, int)
    for axis, (name, title) in zip(
        axes, {"plain": "as trained", "aligned": "aligned"}.items(), strict=True
    ):
        x, y = (np.array(gallery[f"{name}_{kind}_{axis_name}"]) for axis_name in "xy")
        for number, data in enumerate(sets):
            mine = of == number
            axis.scatter(x[mine], y[mine], s=12, linewidths=0, color=PALETTE[number], label=short(data))
        axis.set(title=title, xticks=[], yticks=[])
        axis.grid(False)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


NEIGHBOURS = 5


def named_by_neighbours(gallery: pd.Series, kind: str) -> float:
    """The share of networks to whose zoo most of the nearest others on the map of two principal components belong; of
    zoos with as many neighbours, that of the nearest one. `kind` is plain or aligned."""
    places = np.stack([gallery[f"{kind}_pca_{axis}"] for axis in "xy"], axis=1)
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    of = np.array(gallery.zoo, int)
    near = of[np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBOURS]]
    votes = (near[:, :, None] == near[:, None]).sum(axis=2)
    chosen = near[np.arange(len(of)), votes.argmax(axis=1)]
    return float((chosen == of).mean())


def separations(gallery: pd.Series) -> pd.DataFrame:
    """How far zoos lie apart, before and after alignment: by distances, and by neighbours on the map."""
    chance = np.square(np.bincount(np.array(gallery.zoo, int)) / len(gallery.zoo)).sum()
    named = [f"{100 * named_by_neighbours(gallery, kind):.0f} %" for kind in ("plain", "aligned")]
    rows = [
        (
            "distance between zoos / within",
            f"{gallery.separation:.3f}",
            f"{gallery.aligned_separation:.3f}",
            "1",
        ),
        (f"zoo told by {NEIGHBOURS} neighbours on two components", *named, f"{100 * chance:.0f} %"),
    ]
    return pd.DataFrame(rows, columns=["measure", "as trained", "aligned", "no difference"])


def parameters_of(gallery: pd.Series) -> list[str]:
    """Names of the parameters of a gallery's networks."""
    return list(network(gallery.network).shapes)


@style()
def spreads(gallery: pd.Series, tensors: Sequence[str]) -> Figure:
    """Standard deviation of the weights, parameter by parameter, a line a zoo."""
    figure, axis = new_figure(width=7.0)
    sets = gallery.data.split("+")
    rows = np.array(gallery.spreads).reshape(len(sets), -1)
    for number, (data, row) in enumerate(zip(sets, rows)):
        axis.plot(row, marker="o", markersize=4, color=PALETTE[number], label=short(data))
    axis.set_xticks(range(len(tensors)), tensors, rotation=30, ha="right")
    axis.set(ylabel="standard deviation", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


KNOWN = {"latents": "latents", "statistics": "weight statistics", "components": "principal components"}
TOLD = {"accuracy": "test accuracy", "epoch": "epoch", "gap": "generalisation gap"}


def told(table: pd.DataFrame) -> pd.DataFrame:
    """R^2 and Kendall's tau, means over sets and seeds: a row for each property and representation."""
    rows = [
        {
            "property": label,
            "told from": name,
            "R²": table[f"{what}_{how}_r2"].mean(),
            "τ": table[f"{what}_{how}_tau"].mean(),
        }
        for what, label in TOLD.items()
        for how, name in KNOWN.items()
    ]
    return pd.DataFrame(rows)
