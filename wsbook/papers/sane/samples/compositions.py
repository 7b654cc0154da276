"""What an autoencoder was trained on, as seen from the image set that networks are generated for."""

from functools import partial

import numpy as np
import pandas as pd

from wsbook.study.planned import planned

OWN, ANOTHER, OWN_AND_OTHERS, OTHERS = "its own", "another", "its own and others", "others"
UNSEEN = ("kmnist",)  # in no training zoo at any setting


def composition(data: str, target: str) -> str:
    """The composition, in words, of zoos of image sets joined by +."""
    sets = data.split("+")
    if len(sets) == 1:
        return OWN if data == target else ANOTHER
    return OWN_AND_OTHERS if target in sets else OTHERS


def composed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the composition of its zoos in words, as column `trained_on`."""
    return table.assign(trained_on=[composition(d, t) for d, t in zip(table.data, table.target)])


def by_composition(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """A metric, with a row for each seed and a column for each planned (composition, target, data); NaN where a
    record is missing."""
    settings = planned(table)
    columns = list(dict.fromkeys(zip(settings.data, settings.target)))
    values = table.pivot_table(metric, "seed", ["data", "target"]).reindex(columns=columns)
    keys = [(composition(d, t), t, d) for d, t in columns]
    values.columns = pd.MultiIndex.from_tuples(keys, names=["composition", "target", "data"])
    return values


def against(table: pd.DataFrame, metric: str, more: str, less: str, unseen: bool = False) -> np.ndarray:
    """Means of a metric with two compositions of zoos (seeds, 2), over targets of training zoos, or over those that
    are in none.

    Every target counts once, however many choices of zoos have that composition; where one record is missing, so is
    the mean.
    """
    values = for_targets(by_composition(table, metric), unseen)
    if not {more, less} <= set(values.columns.get_level_values("composition")):
        return np.empty((0, 2))
    return np.stack([over_targets(values[kind]) for kind in (more, less)], axis=1)


def by_target(table: pd.DataFrame, metric: str, more: str, less: str) -> np.ndarray:
    """As `against`, but means over seeds for each target of training zoos (targets, 2): targets are then the sample,
    and what they have in common, images, prompts and zoos, is not taken for evidence that it holds for others."""
    values = for_targets(by_composition(table, metric), unseen=False)
    if not {more, less} <= set(values.columns.get_level_values("composition")):
        return np.empty((0, 2))
    means = [
        values[kind].T.groupby(level="target").agg(pd.Series.mean, skipna=False).mean(axis=1, skipna=False)
        for kind in (more, less)
    ]
    return pd.concat(means, axis=1).to_numpy()


def for_targets(values: pd.DataFrame, unseen: bool) -> pd.DataFrame:
    """The columns whose target is in no training zoo, or in some."""
    return values.loc[:, values.columns.get_level_values("target").isin(UNSEEN) == unseen]


def best_choices(table: pd.DataFrame, kind: str) -> dict[str, str]:
    """For each target the choice of zoos, of one composition, whose candidates have the best validation accuracy on
    average over seeds; not for targets of which a record is missing, since that choice may be the best."""
    values = by_composition(table, "candidates_val")
    if kind not in values.columns.get_level_values("composition"):
        return {}
    known = values[kind].mean(skipna=False)
    targets = {target: known[target] for target in known.index.unique("target")}
    return {target: choices.idxmax() for target, choices in targets.items() if not choices.isna().any()}


def against_best(
    table: pd.DataFrame, metric: str, more: str, less: str, unseen: bool = False
) -> np.ndarray:
    """As `against`, but of the choices with the second composition only the best counts, for each target, see
    `best_choices`."""
    values = for_targets(by_composition(table, metric), unseen)
    if not {more, less} <= set(values.columns.get_level_values("composition")):
        return np.empty((0, 2))
    best = best_choices(table, less)
    targets = values[less].columns.unique("target")
    if not set(targets) <= best.keys():
        return np.empty((0, 2))
    chosen = values[less][[(target, best[target]) for target in targets]]
    return np.stack([over_targets(values[more]), over_targets(chosen)], axis=1)


def beyond_noise(table: pd.DataFrame, more: str, less: str) -> np.ndarray:
    """By how much generated networks are better than noisy prompts as far away, with two compositions of zoos
    (seeds, 2); means as in `against`."""
    return against(table.assign(beyond=table.generated - table.noisy_prompts), "beyond", more, less)


def over_targets(values: pd.DataFrame) -> pd.Series:
    """The mean over targets of the mean over choices of zoos, for each seed."""
    return values.T.groupby(level="target").agg(pd.Series.mean, skipna=False).mean(skipna=False)


def of_composition(
    table: pd.DataFrame, metrics: tuple[str, str], kind: str, unseen: bool = False
) -> np.ndarray:
    """Two metrics of networks with one composition of zoos (seeds, 2), for targets of training zoos, or for those that
    are in none; means as in `against`."""
    pair = [for_targets(by_composition(table, metric), unseen) for metric in metrics]
    if kind not in pair[0].columns.get_level_values("composition"):
        return np.empty((0, 2))
    return np.stack([over_targets(values[kind]) for values in pair], axis=1)


def apart(first: pd.DataFrame, second: pd.DataFrame, metric: str) -> pd.Series:
    """A metric of the second table less that of the first, for each data, target and seed that both have."""
    keys = ["data", "target", "seed"]
    values = [table.set_index(keys)[metric] for table in (first, second)]
    return values[1].sub(values[0]).dropna()


DERIVED = {
    "generated-own-and-others": partial(against, metric="generated", more=OWN_AND_OTHERS, less=OWN),
    "generated-own-and-others-by-target": partial(
        by_target, metric="generated", more=OWN_AND_OTHERS, less=OWN
    ),
    "generated-others-by-target": partial(by_target, metric="generated", more=OTHERS, less=ANOTHER),
    "generated-others": partial(against, metric="generated", more=OTHERS, less=ANOTHER),
    "generated-best-other": partial(against_best, metric="generated", more=OTHERS, less=ANOTHER),
    "generated-best-unseen": partial(
        against_best, metric="generated", more=OTHERS, less=ANOTHER, unseen=True
    ),
    "generated-unseen": partial(against, metric="generated", more=OTHERS, less=ANOTHER, unseen=True),
    "beyond-noise-own-and-others": partial(beyond_noise, more=OWN_AND_OTHERS, less=OWN),
    "beyond-noise-others": partial(beyond_noise, more=OTHERS, less=ANOTHER),
    "generated-or-noisy": partial(of_composition, metrics=("generated", "noisy_prompts"), kind=OTHERS),
    "generated-or-noisy-seen": partial(
        of_composition, metrics=("generated", "noisy_prompts"), kind=OWN_AND_OTHERS
    ),
    "generated-or-noisy-unseen": partial(
        of_composition, metrics=("generated", "noisy_prompts"), kind=OTHERS, unseen=True
    ),
    "distance-or-new": partial(of_composition, metrics=("generated_distance", "prompt_distance"), kind=OWN),
    "errors-or-new": partial(of_composition, metrics=("generated_errors", "prompt_errors"), kind=OWN),
    "errors-or-noisy": partial(
        of_composition, metrics=("generated_errors", "noisy_prompts_errors"), kind=OWN
    ),
    "generated-or-average": partial(of_composition, metrics=("generated", "prompt_average"), kind=OTHERS),
    "reconstructed-own-and-others": partial(against, metric="reconstructed", more=OWN_AND_OTHERS, less=OWN),
    "reconstructed-others": partial(against, metric="reconstructed", more=OTHERS, less=ANOTHER),
    "reconstructed-unseen": partial(
        against, metric="reconstructed", more=OTHERS, less=ANOTHER, unseen=True
    ),
}
