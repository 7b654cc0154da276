"""What a stronger teacher adds to a second training."""

import numpy as np
import pandas as pd

NETWORK, HIDDEN = "resnet20-cifar10", 140


def gains_by_teacher(table: pd.DataFrame, joint: bool) -> np.ndarray:
    """Test accuracy with another network as teacher minus that with the original (seeds,), NaN where one of
    the two is missing."""
    rows = table[(table.network == NETWORK) & (table.hidden == HIDDEN) & ((table.reconstruction > 0) == joint)]
    by_teacher = rows.assign(own=rows.teacher == "").pivot_table("test_accuracy", "seed", "own")
    return (by_teacher.get(False, np.nan) - by_teacher.get(True, np.nan)).to_numpy(float)


def joint_gains(table: pd.DataFrame) -> np.ndarray:
    """The same for the joint objective."""
    return gains_by_teacher(table, joint=True)


def decoupled_gains_over_joint(table: pd.DataFrame) -> np.ndarray:
    """How much more decoupled training gains than joint training does (seeds,)."""
    return gains_by_teacher(table, joint=False) - joint_gains(table)


DERIVED = {
    "joint-gain-by-teacher": joint_gains,
    "decoupled-gain-over-joint": decoupled_gains_over_joint,
}
