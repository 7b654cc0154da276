"""Gains over the original beside what the choice of test images makes of them.

Both networks see the same images. Where b of n images are right with the predicted network alone, and c with the
original alone, the gain is (b - c) / n, and its standard error sqrt(b + c) / n if neither is better (McNemar, 1947).
Seeds of a predictor share their images: their spread says nothing of this.
"""

from functools import partial

import numpy as np
import pandas as pd

NETWORK, IMAGES = "resnet20-cifar10", 10_000
VISIBLE = 1.96  # standard errors


def rows_of(table: pd.DataFrame, hidden: int) -> pd.DataFrame:
    """The rows of a hidden size, by seed."""
    return table[(table.network == NETWORK) & (table.hidden == hidden)].sort_values("seed")


def standard_errors(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """(b - c) / sqrt(b + c) (seeds,)."""
    rows = rows_of(table, hidden)
    gain = rows.accuracy - rows.original_accuracy
    return (gain / np.sqrt(rows.one_right / IMAGES)).to_numpy()


def smallest_visible(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """The gain of 1.96 standard errors (seeds,)."""
    return (VISIBLE * np.sqrt(rows_of(table, hidden).one_right / IMAGES)).to_numpy()


DERIVED = {
    "gain-in-standard-errors-120": partial(standard_errors, hidden=120),
    "gain-in-standard-errors-300": partial(standard_errors, hidden=300),
    "smallest-visible-gain-300": partial(smallest_visible, hidden=300),
}
