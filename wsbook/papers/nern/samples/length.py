"""Second trainings by their length: how far decoupled training leads."""

import numpy as np
import pandas as pd

from wsbook.papers.nern.samples.decoupled import side_by_side, trainings

LENGTHS = (5000, 200)  # steps of the longer and of the shorter training
HIDDEN = 140


def leads(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of decoupled less that of joint training, after the longer and after the shorter training (seeds, 2); NaN
    where one of them is missing."""
    groups = [
        trainings(table[table.steps == steps], HIDDEN, joint)
        for steps in LENGTHS
        for joint in (False, True)
    ]
    decoupled_and_joint = side_by_side(groups, "test_accuracy").reshape(-1, len(LENGTHS), 2)
    return decoupled_and_joint[..., 0] - decoupled_and_joint[..., 1]


DERIVED = {"length-leads": leads}
