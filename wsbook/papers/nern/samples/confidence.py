"""Gains over the original beside what the choice of test images makes of them.

Both networks see the same images. Where b of n images are right with the predicted network alone, and c with the
original alone, the gain is (b - c) / n, and its standard error sqrt(b + c) / n if neither is better (McNemar, 1947).
Seeds of a predictor share their images: their spread says nothing of this.
"""

from functools import partial

import numpy as np
import pandas as pd

NETWORK, IMAGES = "resnet20-cifar10", 10_000  # whose test images these are
VISIBLE = 1.96  # standard errors


def by_image(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each predictor of NETWORK, by `hidden` and `seed`: images `gained`, b - c; images `apart`, b + c;
    the gain in standard `errors`, (b - c) / sqrt(b + c); from which gain on it is `visible`, 1.96 sqrt(b + c)."""
    rows = table[table.network == NETWORK].sort_values(["hidden", "seed"])
    gained = (IMAGES * (rows.accuracy - rows.original_accuracy)).round().astype(int)
    apart = (IMAGES * rows.one_right).round().astype(int)
    counted = {"gained": gained, "apart": apart, "errors": gained / np.sqrt(apart)}
    return rows[["hidden", "seed"]].assign(**counted, visible=VISIBLE * np.sqrt(apart))


def gains(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """The gain in accuracy at a hidden size, and its standard error (seeds, 2)."""
    rows = by_image(table).query("hidden == @hidden")
    return np.column_stack([rows.gained, np.sqrt(rows.apart)]) / IMAGES


def smallest_visible(table: pd.DataFrame, hidden: int) -> np.ndarray:
    """The smallest visible gain in accuracy at a hidden size (seeds,)."""
    return by_image(table).query("hidden == @hidden").visible.to_numpy() / IMAGES


DERIVED = {
    "gain-with-error-120": partial(gains, hidden=120),
    "gain-with-error-300": partial(gains, hidden=300),
    "smallest-visible-gain-300": partial(smallest_visible, hidden=300),
}
