"""What the normalised loss, its learning rate and contrast do to networks, as samples of claims."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from wsbook.study.planned import planned


def suited(table: pd.DataFrame) -> dict[str, float]:
    """The learning rate that suits each loss best, by mean validation accuracy; none while records of some rate are
    missing, which may be the best."""
    grid = pd.MultiIndex.from_frame(planned(table)[["normalisation", "lr"]].drop_duplicates())
    means = table.groupby(["normalisation", "lr"])["rebuilt_val"].mean().reindex(grid)
    return {} if means.isna().any() else {name: means[name].idxmax() for name in means.index.levels[0]}


def at_rates(table: pd.DataFrame, *choices: tuple[str, str]) -> np.ndarray:
    """Accuracy of networks reconstructed with one loss at the learning rate that suits another, or itself, best:
    a column for each such pair (seeds, choices)."""
    rates = suited(table)
    if not {loss for pair in choices for loss in pair} <= rates.keys():
        return np.empty((0, len(choices)))
    values = table.pivot_table("rebuilt", "seed", ["normalisation", "lr"])
    return values[[(loss, rates[other]) for loss, other in choices]].to_numpy()


def tolerated(table: pd.DataFrame) -> np.ndarray:
    """At how many learning rates networks reconstructed with the normalised and with the plain loss keep at least half
    of the accuracy that they have, on average, at the rate that suits the loss best (seeds, 2)."""
    rates = suited(table)
    if not {"token", "none"} <= rates.keys():
        return np.empty((0, 2))
    values = table.pivot_table("rebuilt", "seed", ["normalisation", "lr"])
    kept = [
        (values[name] >= values[name, rates[name]].mean() / 2).sum(axis=1) for name in ("token", "none")
    ]
    return np.stack(kept, axis=1).astype(float)


def two_by_two(table: pd.DataFrame, metric: str) -> np.ndarray:
    """A metric with one zoo and many (axis 1), with the plain and with the normalised loss (axis 2), for each seed."""
    rows = table.assign(many=table.data.str.contains("+", regex=False))
    corners = [(many, name) for many in (False, True) for name in ("none", "token")]
    values = rows.pivot_table(metric, "seed", ["many", "normalisation"]).reindex(columns=corners)
    return values.to_numpy().reshape(len(values), 2, 2)


def causes(table: pd.DataFrame, metric: str = "generated", target: str = "kmnist") -> np.ndarray:
    """What networks for a target gain by many zoos instead of one, and by the normalised loss instead of the plain
    one, each averaged over the other choice (seeds, 2)."""
    values = two_by_two(table[table.target == target], metric)
    zoos, loss = np.diff(values, axis=1).mean(axis=(1, 2)), np.diff(values, axis=2).mean(axis=(1, 2))
    return np.stack([zoos, loss], axis=1)


def by_loss(table: pd.DataFrame, metric: str = "generated", target: str = "kmnist") -> np.ndarray:
    """What networks for a target gain by many zoos instead of one, with the normalised and with the plain loss
    (seeds, 2)."""
    return np.diff(two_by_two(table[table.target == target], metric), axis=1)[:, 0, ::-1]


def by_zoos(table: pd.DataFrame, metric: str = "rebuilt") -> np.ndarray:
    """What networks gain by the normalised loss instead of the plain one, with many zoos and with one (seeds, 2)."""
    return np.diff(two_by_two(table, metric), axis=2)[:, ::-1, 0]


def with_and_without_contrast(
    table: pd.DataFrame, metric: str, choose: Callable[[pd.Series], float]
) -> np.ndarray:
    """A metric of networks generated with contrast and without, means over targets, at one of the bandwidths that are
    planned (seeds, 2); NaN where a record is missing."""
    plan = planned(table)
    bandwidth, targets = choose(plan.bandwidth), plan.target.unique()
    rows = table[table.bandwidth == bandwidth].assign(contrast=lambda t: t.contrast > 0)
    cells = pd.MultiIndex.from_product([(True, False), targets], names=["contrast", "target"])
    values = rows.pivot_table(metric, "seed", cells.names).reindex(columns=cells)
    return np.stack([values[way].mean(axis=1, skipna=False) for way in (True, False)], axis=1)


def contrast_beyond_noise(table: pd.DataFrame) -> np.ndarray:
    """By how much networks generated with contrast and without are better than noisy prompts as far away, at the
    largest bandwidth (seeds, 2)."""
    beyond = table.assign(beyond=table.generated - table.noisy_prompts)
    return with_and_without_contrast(beyond, "beyond", max)


DERIVED = {
    "contrast-generated": partial(with_and_without_contrast, metric="generated", choose=max),
    "contrast-generated-narrow": partial(with_and_without_contrast, metric="generated", choose=min),
    "contrast-reconstructed": partial(with_and_without_contrast, metric="reconstructed", choose=max),
    "contrast-beyond-noise": contrast_beyond_noise,
    "normalised-at-own-rate": lambda table: at_rates(table, ("token", "token"), ("token", "none")),
    "losses-at-own-rates": lambda table: at_rates(table, ("token", "token"), ("none", "none")),
    "rates-tolerated": tolerated,
    "zoos-or-loss": causes,
    "zoos-or-loss-reconstructed": partial(causes, metric="reconstructed"),
    "zoos-by-loss": by_loss,
    "zoos-by-loss-reconstructed": partial(by_loss, metric="reconstructed"),
    "loss-by-zoos": by_zoos,
}
