"""Figures of networks that an autoencoder generates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from wsbook.figures.drawing import draw_floors, draw_means, groups, log_axis
from wsbook.figures.style import INK, PALETTE, ink_on, new_figure, style
from wsbook.papers.sane.figures.labels import CHANCE, CHANCES, short, trained
from wsbook.papers.sane.samples.compositions import composed
from wsbook.papers.sane.samples.sizes import by_number_of_sets, fitted_law, law

RIVALS = {
    "generated": "generated",
    "reconstructed": "reconstructed prompts",
    "noisy_prompts": "noisy prompts",
    "prompt_average": "average prompt",
    "best_prompt": "best prompt",
    "random": "random",
}


def by_target(table: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracies in per cent of generated networks and their rivals: a row for each target and composition of
    zoos; no row without records."""
    by = ["target", "trained_on"]
    # without records there are no columns of metrics
    known = composed(table).reindex(columns=[*by, *RIVALS])
    means = 100 * known.groupby(by, sort=False).mean()
    named = means.rename(columns=RIVALS).rename(index=short, level="target")
    return named.reset_index().rename(columns={"trained_on": "trained on"})


def by_contrast(table: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracies in per cent, over targets and seeds, of generated networks and of their nearest rivals: a row
    for each bandwidth and way to train the autoencoder; no row without records."""
    shown = {name: RIVALS[name] for name in ("generated", "noisy_prompts", "reconstructed")}
    known = table.reindex(columns=["bandwidth", "contrast", *shown])
    known = known.assign(trained=known.contrast.map(trained), bandwidth=known.bandwidth.map("{:g}".format))
    means = 100 * known.groupby(["bandwidth", "trained"], sort=False)[list(shown)].mean()
    return means.rename(columns=shown).reset_index()


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


BESIDE = ("generated", "noisy_prompts", "reconstructed")  # the last does not hang on a bandwidth


@style()
def by_models(table: pd.DataFrame) -> Figure:
    """Accuracies by the number of networks trained on, a row of panels for each target, a line for each choice of
    zoos."""
    figure, axes = _by_choice_of_zoos(table, "models", "networks in the zoos")
    for axis in axes.flat:
        log_axis(axis, table.models)
    return figure


@style()
def by_capacity(table: pd.DataFrame) -> Figure:
    """Accuracies by the size of the autoencoder, a row of panels for each target, a line for each choice of zoos."""
    sizes = sorted(set(zip(table.width, table.latent)))
    places = [sizes.index(size) for size in zip(table.width, table.latent)]
    figure, axes = _by_choice_of_zoos(table.assign(place=places), "place", "width / numbers a token")
    for axis in axes.flat:
        axis.set_xticks(range(len(sizes)), [f"{width} / {latent}" for width, latent in sizes])
        axis.set_xlim(-0.3, len(sizes) - 0.7)
    return figure


def _by_choice_of_zoos(table: pd.DataFrame, by: str, xlabel: str) -> tuple[Figure, np.ndarray]:
    """Accuracies of `BESIDE` in panels side by side, a row for each target, a line for each choice of zoos."""
    targets = list(dict.fromkeys(table.target))
    shared = {"sharex": True, "sharey": True, "squeeze": False}
    figure, axes = new_figure(len(targets), len(BESIDE), height=2.4, **shared)
    for row, target in zip(axes, targets, strict=True):
        for axis, metric in zip(row, BESIDE, strict=True):
            for colour, (data, rows) in zip(PALETTE, groups(table[table.target == target], "data")):
                draw_means(axis, rows, by, metric, colour, short(data))
        row[0].set_ylabel(f"accuracy, {short(target)}")
    for axis, metric in zip(axes[0], BESIDE, strict=True):
        axis.set_title(RIVALS[metric])
    for axis in axes[-1]:
        axis.set_xlabel(xlabel)
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure, axes


@style()
def laws(table: pd.DataFrame) -> Figure:
    """Error of networks for the first target by the number of networks trained on, one panel for each choice of zoos:
    a dot a seed, and the law that is fitted to all but the largest number."""
    rows = table[table.target == table.target.iloc[0]].sort_values("models", kind="stable")
    choices = groups(rows, "data")
    figure, axes = new_figure(1, len(choices), sharey=True, squeeze=False)
    for axis, (data, part) in zip(axes[0], choices):
        for colour, (seed, one) in zip(PALETTE, groups(part.sort_values("seed", kind="stable"), "seed")):
            models, errors = one.models.to_numpy(float), 1 - one.generated.to_numpy()
            axis.scatter(models, errors, s=16, color=colour, label=f"seed {seed}")
            if (found := fitted_law(models, errors)) is not None:
                reach = np.geomspace(models[0], models[-1])
                axis.plot(reach, law(reach, *found), color=colour, linewidth=1)
        log_axis(axis, part.models)
        axis.set(title=short(str(data)), xlabel="networks in the zoos")
    axes[0][0].set_ylabel("test error")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@style()
def by_sets(table: pd.DataFrame) -> Figure:
    """Accuracies for an unseen target by the number of sets trained on: a dot a choice of sets and seed, and means."""
    figure, axes = new_figure(1, len(BESIDE), sharey=True)
    counts = table.data.str.count(r"\+") + 1
    for axis, metric in zip(axes, BESIDE, strict=True):
        axis.scatter(counts, table[metric], s=14, color=PALETTE[0], alpha=0.5, linewidths=0)
        means = by_number_of_sets(table, metric).mean()
        axis.plot(means.index, means, color=INK, marker="o", markersize=5)
        axis.set(title=RIVALS[metric], xlabel="image sets trained on", xticks=sorted(set(counts)))
    axes[0].set_ylabel("test accuracy")
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
        one = rows.data[rows.many == 0].iloc[0]
        axis.set_xticks([0, 1], [f"one zoo ({short(one)})", "many"])
        axis.set(title=f"networks for {short(target)}", xlim=(-0.3, 1.3))
    axes[0][0].set_ylabel("test accuracy")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


WHO = {
    "generated": "generated",
    "noisy_prompts": "prompts with noise",
    "reconstructed": "reconstructed prompts",
    "prompt": "new networks: the prompts",
}
LIKE = {"errors": "a training network", "prompt_errors": "a prompt"}


@style()
def copies(table: pd.DataFrame) -> Figure:
    """Which share of its errors each network has in common with the training network, and with the prompt, most like
    it, by its accuracy."""
    figure, axes = new_figure(1, len(LIKE), sharex=True, sharey=True)
    for axis, (what, other) in zip(axes, LIKE.items(), strict=True):
        for colour, (who, label) in zip(PALETTE, WHO.items()):
            x, y = (np.concatenate(list(table[f"{who}_{each}_each"])) for each in ("accuracy", what))
            axis.scatter(x, y, s=10, color=colour, alpha=0.6, linewidths=0, label=label)
        axis.set(title=f"shared with {other}", xlabel="test accuracy", ylim=(0, 1))
    axes[0].set_ylabel("share of errors in common")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


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
    """Test error of networks that train on, a line a start, a panel a target: means over networks and seeds.

    Errors on a logarithmic scale, each panel's own, since ends lie close together and beginnings far apart."""
    targets = list(dict.fromkeys(table.target))
    figure, axes = new_figure(1, len(targets), width=7.0, height=3.8, squeeze=False)
    for axis, target in zip(axes[0], targets):
        rows = table[table.target == target]
        for colour, (start, label) in zip(PALETTE, STARTS.items()):
            curves = 100 * (1 - np.array(rows[start].tolist()))
            axis.plot(curves.T, color=colour, linewidth=0.7, alpha=0.6)
            axis.plot(curves.mean(0), color=colour, marker="o", markersize=4, label=label)
        axis.set(title=f"networks for {short(target)}", xlabel="epochs of further training", yscale="log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g} %")
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0][0].set_ylabel("test error")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
