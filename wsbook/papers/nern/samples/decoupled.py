"""Decoupled training beside the joint objective, at the learning rates that suit them."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from wsbook.study.planned import planned

METRICS = ("test_accuracy", "rmse", "layer_rmse_earlier")
HIDDEN = (120, 140, 180)
ROBUST = ("ood", "fgsm", "ifgsm")


def trainings(table: pd.DataFrame, hidden: int, joint: bool) -> pd.DataFrame:
    """The records of one objective for ResNet-20, at one hidden size."""
    rows = table[(table.network == "resnet20-cifar10") & (table.hidden == hidden)]
    return rows[(rows.reconstruction > 0) == joint]


def best_rates(rows: pd.DataFrame) -> list[float]:
    """The learning rates of highest mean validation accuracy: several only where they tie to the last image.

    A rate that lacks seeds which another has is not compared.
    """
    groups = rows.groupby("lr")["val_accuracy"]
    means = groups.mean()[groups.size() == groups.size().max()]
    return sorted(means.index[np.isclose(means, means.max(), rtol=0, atol=1e-9)])


def best_rate(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the learning rate of highest mean validation accuracy; of several, the lowest."""
    return rows[rows.lr.isin(best_rates(rows)[:1])]


def side_by_side(groups: Sequence[pd.DataFrame], metric: str) -> np.ndarray:
    """A metric of groups of records, each with one record a seed (seeds, groups); what is missing is NaN."""
    columns = [rows.set_index("seed")[metric].rename(number) for number, rows in enumerate(groups)]
    return pd.concat(columns, axis=1).sort_index().to_numpy(float)


def by_seed(groups: Sequence[pd.DataFrame], metric: str) -> pd.DataFrame:
    """A metric of groups of records, a column each and a row a seed: at a group's best learning rate, or the mean over
    those that tie; NaN where one of them is missing."""
    columns = []
    for number, rows in enumerate(groups):
        rates = best_rates(rows)
        seeds = rows[rows.lr.isin(rates)].groupby("seed")[metric]
        columns.append(seeds.mean().where(seeds.size() == len(rates)).rename(number))
    return pd.concat(columns, axis=1).sort_index()


def at_best_rates(groups: Sequence[pd.DataFrame], metric: str) -> np.ndarray:
    """`by_seed` as numbers (seeds, groups)."""
    return by_seed(groups, metric).to_numpy(float)


def against_best_joint(table: pd.DataFrame, metric: str, hidden: int) -> np.ndarray:
    """A metric of decoupled training and of the joint objective (seeds, 2), at one hidden size.

    Where several learning rates were tried, each objective has the one of highest mean accuracy on validation
    images, or the mean over those that tie; a training that is missing at that rate is NaN.
    """
    return at_best_rates([trainings(table, hidden, joint) for joint in (False, True)], metric)


def against_every_joint(table: pd.DataFrame, metric: str, hidden: int) -> np.ndarray:
    """A metric of decoupled training, then of the joint objective at every rate that is planned (seeds, 1 + rates):
    for records without an accuracy on validation images."""
    joint = trainings(table, hidden, True)
    rates = sorted(set(trainings(planned(table), hidden, True).lr))
    return side_by_side([trainings(table, hidden, False), *(joint[joint.lr == lr] for lr in rates)], metric)


def against_original(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """Test accuracy of decoupled training at the rate best on validation images, and of the original (seeds, 2)."""
    rows = best_rate(trainings(table, hidden, False)).sort_values("seed")
    return rows[["test_accuracy", "original_test"]].to_numpy(float)


def error_growth(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """The error of the weights after joint training over that after reconstruction alone (seeds,)."""
    before = best_rate(trainings(table, hidden, False))
    before = before.assign(rmse=[course[0] for course in before["rmse_course"]])
    both = side_by_side([best_rate(trainings(table, hidden, True)), before], "rmse")
    return both[:, 0] / both[:, 1]


def layer_ratios(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """Errors of layers after decoupled over those after joint training: means over the earlier and over the
    later half of the layers (seeds, 2)."""
    both = [best_rate(trainings(table, hidden, joint)).set_index("seed") for joint in (False, True)]
    decoupled, joint = (rows["layer_rmse"] for rows in both)
    seeds = sorted(set(decoupled.index) & set(joint.index))
    ratios = [np.divide(decoupled[seed], joint[seed]) for seed in seeds]
    return np.array([[r[: len(r) // 2].mean(), r[len(r) // 2 :].mean()] for r in ratios]).reshape(-1, 2)


def half_ratios(table: pd.DataFrame, hidden: int, half: int) -> np.ndarray:
    """`layer_ratios` of the earlier (0) or later (1) half (seeds,)."""
    return layer_ratios(table, hidden)[:, half]


DERIVED = {
    **{f"decoupled-and-joint-{metric}-{hidden}": partial(against_best_joint, metric=metric, hidden=hidden)
       for metric in METRICS for hidden in HIDDEN},
    **{f"decoupled-and-joints-{metric}-{hidden}": partial(against_every_joint, metric=metric, hidden=hidden)
       for metric in (*ROBUST, "predicted_int8") for hidden in HIDDEN},
    **{f"decoupled-and-original-{hidden}": partial(against_original, hidden=hidden) for hidden in HIDDEN},
    **{f"error-growth-{hidden}": partial(error_growth, hidden=hidden) for hidden in HIDDEN},
    **{f"layer-ratios-{hidden}": partial(layer_ratios, hidden=hidden) for hidden in HIDDEN},
    **{f"{name}-layer-ratio-{hidden}": partial(half_ratios, hidden=hidden, half=half)
       for half, name in enumerate(("earlier", "later")) for hidden in HIDDEN},
}  # fmt: skip
