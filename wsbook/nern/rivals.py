"""Decoupled training beside the joint objective, at the learning rates that suit them."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

METRICS = ("test_accuracy", "rmse", "layer_rmse_earlier")
HIDDEN = (120, 140, 180)
ROBUST = ("ood", "fgsm", "ifgsm")


def trainings(table: pd.DataFrame, hidden: int, joint: bool) -> pd.DataFrame:
    """The records of one objective for ResNet-20, at one hidden size."""
    rows = table[(table.network == "resnet20-cifar10") & (table.hidden == hidden)]
    return rows[(rows.reconstruction > 0) == joint]


def best_rate(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the learning rate of highest mean validation accuracy."""
    means = rows.groupby("lr")["val_accuracy"].mean()
    return rows[rows.lr == means.idxmax()] if len(means) else rows


def side_by_side(groups: Sequence[pd.DataFrame], metric: str) -> np.ndarray:
    """A metric of groups of records, each with one record a seed (seeds, groups); what is missing is NaN."""
    columns = [rows.set_index("seed")[metric].rename(number) for number, rows in enumerate(groups)]
    return pd.concat(columns, axis=1).sort_index().to_numpy(float)


def against_best_joint(table: pd.DataFrame, metric: str, hidden: int) -> np.ndarray:
    """A metric of decoupled training and of the joint objective (seeds, 2), at one hidden size.

    Where several learning rates were tried, each objective has the one of highest mean accuracy on validation
    images; a training that is missing at that rate is NaN.
    """
    return side_by_side([best_rate(trainings(table, hidden, joint)) for joint in (False, True)], metric)


def against_every_joint(table: pd.DataFrame, metric: str, hidden: int) -> np.ndarray:
    """A metric of decoupled training, then of the joint objective at every rate (seeds, 1 + rates): for records
    without an accuracy on validation images."""
    joint = [rows for _, rows in trainings(table, hidden, True).groupby("lr")]
    return side_by_side([trainings(table, hidden, False), *joint], metric)


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


def later_ratios(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """`layer_ratios` of the later half (seeds,)."""
    return layer_ratios(table, hidden)[:, 1]


DERIVED = {
    **{f"decoupled-and-joint-{metric}-{hidden}": partial(against_best_joint, metric=metric, hidden=hidden)
       for metric in METRICS for hidden in HIDDEN},
    **{f"decoupled-and-joints-{metric}-{hidden}": partial(against_every_joint, metric=metric, hidden=hidden)
       for metric in (*ROBUST, "predicted_int8") for hidden in HIDDEN},
    **{f"decoupled-and-original-{hidden}": partial(against_original, hidden=hidden) for hidden in HIDDEN},
    **{f"error-growth-{hidden}": partial(error_growth, hidden=hidden) for hidden in HIDDEN},
    **{f"layer-ratios-{hidden}": partial(layer_ratios, hidden=hidden) for hidden in HIDDEN},
    **{f"later-layer-ratio-{hidden}": partial(later_ratios, hidden=hidden) for hidden in HIDDEN},
}  # fmt: skip
