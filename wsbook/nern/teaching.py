"""What a stronger teacher adds to a second training."""

import numpy as np
import pandas as pd

NETWORK, HIDDEN = "resnet20-cifar10", 140


def gains_by_teacher(table: pd.DataFrame, joint: bool) -> pd.Series:
    """Test accuracy with another network as teacher minus that with the original, by seed; NaN where one of
    the two is missing."""
    rows = table[
        (table.network == NETWORK) & (table.hidden == HIDDEN) & ((table.reconstruction > 0) == joint)
    ]
    by_teacher = rows.assign(own=rows.teacher == "").pivot_table("test_accuracy", "seed", "own")
    by_teacher = by_teacher.reindex(columns=[False, True])
    return by_teacher[False] - by_teacher[True]


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
