"""What a stronger teacher adds to a second training."""

import numpy as np
import pandas as pd

from wsbook.papers.nern.samples.decoupled import by_seed

NETWORK, HIDDEN = "resnet20-cifar10", 140


def gains_by_teacher(table: pd.DataFrame, joint: bool) -> pd.Series:
    """Test accuracy with another network as teacher minus that with the original, by seed, each at the learning rate
    best on validation images; NaN where one of the two is missing."""
    rows = table[(table.network == NETWORK) & (table.hidden == HIDDEN)]
    rows = rows[(rows.reconstruction > 0) == joint]
    taught = by_seed([rows[rows.teacher != ""], rows[rows.teacher == ""]], "test_accuracy")
    return taught[0] - taught[1]


def joint_gains(table: pd.DataFrame) -> np.ndarray:
    """What the joint objective gains (seeds,)."""
    return gains_by_teacher(table, joint=True).to_numpy(float)


def decoupled_gains_over_joint(table: pd.DataFrame) -> np.ndarray:
    """How much more decoupled training gains than joint training does (seeds,)."""
    return (gains_by_teacher(table, joint=False) - gains_by_teacher(table, joint=True)).to_numpy(float)


DERIVED = {
    "joint-gain-by-teacher": joint_gains,
    "decoupled-gain-over-joint": decoupled_gains_over_joint,
}
