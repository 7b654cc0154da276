"""Second trainings by their length: how far decoupled training leads."""

import numpy as np
import pandas as pd

from wsbook.papers.nern.samples.decoupled import side_by_side, trainings

SHORT, LONG = 200, 5000  # steps


def lead(table: pd.DataFrame, steps: int) -> np.ndarray:
    """Test accuracy of decoupled less that of joint training after so many steps, h = 140 (seeds,)."""
    rows = table[table.steps == steps]
    both = side_by_side([trainings(rows, 140, joint) for joint in (False, True)], "test_accuracy")
    return both[:, 0] - both[:, 1]


def leads(table: pd.DataFrame) -> np.ndarray:
    """The lead of decoupled training after the longer and after the shorter training (seeds, 2)."""
    return np.column_stack([lead(table, steps) for steps in (LONG, SHORT)])


DERIVED = {"length-leads": leads}
