"""Decoupled training beside the joint objective at the learning rate that suits it better."""

from functools import partial

import numpy as np
import pandas as pd

METRICS = ("test_accuracy", "rmse", "layer_rmse_earlier")


def against_best_joint(table: pd.DataFrame, metric: str, hidden: int) -> np.ndarray:
    """A metric of decoupled training and of the joint objective (seeds, 2), at one hidden size.

    Where several learning rates were tried, each objective has the one of highest mean accuracy on validation
    images; a training that is missing at that rate is NaN.
    """
    rows = table[(table.hidden == hidden) & ~table.network.str.contains("digits")]
    both = [
        best_rate(rows[(rows.reconstruction > 0) == joint]).set_index("seed")[metric]
        for joint in (False, True)
    ]
    return pd.concat(both, axis=1).to_numpy(float)


def best_rate(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the learning rate of highest mean validation accuracy."""
    means = rows.groupby("lr")["val_accuracy"].mean()
    return rows[rows.lr == means.idxmax()] if len(means) else rows


DERIVED = {
    f"decoupled-and-joint-{metric}-{hidden}": partial(against_best_joint, metric=metric, hidden=hidden)
    for metric in METRICS
    for hidden in (120, 140, 180)
}
