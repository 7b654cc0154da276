"""How far optimisers move, as samples of claims."""

from functools import partial

import numpy as np
import pandas as pd

OTHERS = ("rmsprop", "adamw")  # that the paper compares SGD with


def falls(table: pd.DataFrame) -> pd.DataFrame:
    """By how much the train error falls from the first epoch to the last: a row for each seed, a column for each
    optimiser."""
    fall = table.assign(fall=[curve[0] - curve[-1] for curve in table.train_curve])
    return fall.pivot(index="seed", columns="optimiser", values="fall").reindex(columns=["sgd", *OTHERS])


def relative_fall(table: pd.DataFrame, optimiser: str) -> np.ndarray:
    """The fall of one optimiser over the least fall of those that SGD is compared with, itself left out (seeds,)."""
    fall = falls(table)
    rivals = [name for name in OTHERS if name != optimiser]
    return (fall[optimiser] / fall[rivals].min(axis=1, skipna=False)).to_numpy()


DERIVED = {f"relative-fall-{name}": partial(relative_fall, optimiser=name) for name in ("sgd", *OTHERS)}
