"""Figures of paper B, drawn from record tables."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wsbook.figures.primitives import draw_floors, groups
from wsbook.figures.style import INK, PALETTE, ink_on, new_figure, ordered, style
from wsbook.sane.effects import by_number_of_sets
from wsbook.zoo.networks import network

CHANCE = 0.1  # every image set has ten classes, of about the same size
CHANCES = {"chance": CHANCE}
NAMES = {"mnist": "MNIST", "fashion-mnist": "Fashion", "usps": "USPS", "cifar10": "CIFAR-10"}
NAMES |= {
    "eurosat": "EuroSAT",
    "kmnist": "KMNIST",
    "glyphs-digits": "glyphs, 0-9",
    "glyphs-letters": "glyphs, A-J",
}


def short(data: str) -> str:
    """Image sets joined by + as a label."""
    sets = data.split("+")
    return NAMES.get(data, data) if len(sets) == 1 else f"{len(sets)} sets"


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


@style()
def accuracies(gallery: pd.Series) -> Figure:
    """Test accuracy of every network, zoo by zoo."""
    figure, axis = new_figure(width=7.0)
    sets = gallery.data.split("+")
    for number, data in enumerate(sets):
        values = np.sort([a for a, z in zip(gallery.test_accuracy, gallery.zoo) if z == number])
        axis.scatter(number + np.linspace(-0.25, 0.25, len(values)), values, s=10, color=PALETTE[number])
    axis.set_xticks(range(len(sets)), map(short, sets))
    draw_floors(axis, {"chance": CHANCE})
    axis.set(ylabel="test accuracy", ylim=(0, 1))
    return figure


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


def log_axis(axis: Axes, values: Iterable[float]) -> None:
    """A logarithmic x axis with a tick at each of few values."""
    ticks = sorted(set(values))
    axis.set_xscale("log")
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()


def draw_means(axis: Axes, rows: pd.DataFrame, by: str, metric: str, colour: str, label: str) -> None:
    """A dot a record and the line of means."""
    axis.scatter(rows[by], rows[metric], s=14, color=colour, alpha=0.6, linewidths=0)
    means = rows.groupby(by)[metric].mean()
    axis.plot(means.index, means, color=colour, label=label)


@style()
def matrix(table: pd.DataFrame, metric: str) -> Figure:
    """Mean accuracy by the set that networks are for (rows) and the sets that were trained on (columns)."""
    means = table.pivot_table(metric, "target", "data", sort=False)
    targets = list(means.index)
    single = sorted((name for name in means if "+" not in name), key=lambda n: (*targets, n).index(n))
    joint = means.drop(columns=single)
    others = pd.Series({t: _others(joint, t) for t in means.index}, name="all others")
    everything = joint[max(joint, key=lambda name: name.count("+"))].rename("all")
    shown = pd.concat([means[single], others, everything], axis=1)
    figure, axis = new_figure(width=7.0, height=0.45 * len(shown) + 1.4)
    image = axis.imshow(shown, vmin=CHANCE, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(shown.to_numpy()):
        if np.isfinite(value):
            colour = ink_on(image.to_rgba(value)[:3])
            axis.text(column, row, f"{100 * value:.0f}", ha="center", va="center", color=colour, fontsize=9)
    axis.set_xticks(range(shown.shape[1]), [short(name) for name in shown], rotation=25, ha="right")
    axis.set_yticks(range(len(shown)), [short(name) for name in shown.index])
    axis.set(xlabel="trained on networks of", ylabel="networks for")
    axis.grid(False)
    axis.spines[:].set_visible(False)
    return figure


def _others(joint: pd.DataFrame, target: str) -> float:
    """The value of the largest choice of zoos without the target's own."""
    without = [
        name for name in joint if target not in name.split("+") and np.isfinite(joint.loc[target, name])
    ]
    return joint.loc[target, max(without, key=lambda name: name.count("+"))] if without else np.nan


RIVALS = {
    "generated": "generated",
    "reconstructed": "rebuilt prompts",
    "noisy_prompts": "noisy prompts",
    "prompt_average": "average prompt",
    "best_prompt": "best prompt",
    "random": "random",
}


@style()
def rivals(table: pd.DataFrame, floors: Mapping[str, float] = CHANCES) -> Figure:
    """Accuracy of generated networks and of all that needs no autoencoder, target by target; means over seeds."""
    targets = list(dict.fromkeys(table.target))
    figure, axis = new_figure(width=7.5, height=3.2)
    for number, (metric, label) in enumerate(RIVALS.items()):
        shift = 0.13 * (number - (len(RIVALS) - 1) / 2)
        for place, target in enumerate(targets):
            values = table[table.target == target][metric]
            axis.scatter([place + shift] * len(values), values, s=12, color=PALETTE[number], linewidths=0)
            axis.plot(place + shift, values.mean(), "_", color=INK, markersize=9)
        axis.plot([], [], "o", color=PALETTE[number], label=label)
    axis.set_xticks(range(len(targets)), map(short, targets))
    draw_floors(axis, floors)
    axis.set(ylabel="test accuracy", ylim=(0, 1))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@style()
def by_models(table: pd.DataFrame, metric: str = "generated") -> Figure:
    """Accuracy by the number of networks trained on, one panel a target, a line for each choice of zoos."""
    targets = list(dict.fromkeys(table.target))
    figure, axes = new_figure(1, len(targets), sharey=True, squeeze=False)
    for axis, target in zip(axes[0], targets):
        for colour, (data, rows) in zip(PALETTE, groups(table[table.target == target], "data")):
            draw_means(axis, rows, "models", metric, colour, short(data))
        log_axis(axis, table.models)
        axis.set(title=f"networks for {short(target)}", xlabel="networks trained on")
    axes[0][0].set_ylabel("test accuracy")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@style()
def by_sets(table: pd.DataFrame) -> Figure:
    """Accuracy for an unseen target by the number of sets trained on: a dot a choice of sets and seed, and means."""
    figure, axis = new_figure()
    counts = table.data.str.count(r"\+") + 1
    axis.scatter(counts, table.generated, s=14, color=PALETTE[0], alpha=0.5, linewidths=0)
    means = by_number_of_sets(table).mean()
    axis.plot(means.index, means, color=INK, marker="o", markersize=5)
    axis.set(xlabel="image sets trained on", ylabel="test accuracy", xticks=sorted(set(counts)))
    return figure


@style()
def interaction(table: pd.DataFrame, loss_names: Mapping[str, str]) -> Figure:
    """Accuracy with one zoo and with many, a line a loss, one panel a target."""
    targets = list(dict.fromkeys(table.target))
    figure, axes = new_figure(1, len(targets), sharey=True, squeeze=False)
    for axis, target in zip(axes[0], targets):
        rows = table[table.target == target].assign(
            many=lambda t: t.data.str.contains("+", regex=False) * 1
        )
        for colour, (name, part) in zip(PALETTE, groups(rows, "normalisation")):
            draw_means(axis, part, "many", "generated", colour, loss_names[name])
        axis.set_xticks([0, 1], ["one zoo", "many"])
        axis.set(title=f"networks for {short(target)}", xlim=(-0.3, 1.3))
    axes[0][0].set_ylabel("test accuracy")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


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


WHO = {"generated": "generated", "prompt": "new networks", "noisy": "prompts with noise"}


@style()
def novelty(table: pd.DataFrame) -> Figure:
    """How far networks are from the nearest training network, and how often both decide alike."""
    figure, axis = new_figure(width=7.0)
    for colour, (who, label) in zip(PALETTE, WHO.items()):
        axis.scatter(table[f"{who}_distance"], table[f"{who}_agreement"], s=22, color=colour, label=label)
    axis.set(xlabel="distance to the nearest training network", ylabel="decides alike", ylim=(0, 1))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


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


def separations(gallery: pd.Series) -> pd.DataFrame:
    """Distances between zoos over distances within, before and after alignment."""
    return pd.DataFrame({"as trained": [gallery.separation], "aligned": [gallery.aligned_separation]})


def parameters_of(gallery: pd.Series) -> list[str]:
    """Names of the parameters of a gallery's networks."""
    return list(network(gallery.network).shapes)


STARTS = {
    "generated": "generated",
    "hypernetwork": "HyperNetwork",
    "noisy_prompts": "prompts with noise",
    "transferred": "another set's networks",
    "random": "random",
    "prompt": "prompts",
}


@style()
def courses(table: pd.DataFrame) -> Figure:
    """Test accuracy of networks that train on, a line a start, a panel a target: means over networks and seeds."""
    targets = list(dict.fromkeys(table.target))
    figure, axes = new_figure(1, len(targets), width=7.0, height=3.4, sharey=True, squeeze=False)
    for axis, target in zip(axes[0], targets):
        rows = table[table.target == target]
        for colour, (start, label) in zip(PALETTE, STARTS.items()):
            curves = np.array(rows[start].tolist())
            axis.plot(curves.T, color=colour, linewidth=0.7, alpha=0.6)
            axis.plot(curves.mean(0), color=colour, marker="o", markersize=4, label=label)
        axis.set(title=f"networks for {short(target)}", xlabel="epochs of further training", ylim=(0, 1))
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0][0].set_ylabel("test accuracy")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def by_architecture(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each architecture and choice of autoencoder: mean accuracies before and after it."""
    rows = [
        {
            "architecture": kind,
            "autoencoder": "its own" if len(kinds) == 1 else "shared",
            "before": a,
            "after": b,
        }
        for _, row in table.iterrows()
        if (kinds := row.network.split("+"))
        for kind, a, b in zip(kinds, row.original_by_zoo, row.rebuilt_by_zoo)
    ]
    frame = pd.DataFrame(rows, columns=["architecture", "autoencoder", "before", "after"])
    return frame.groupby(["architecture", "autoencoder"], sort=False).mean().reset_index()


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
