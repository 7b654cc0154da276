"""Gains of altered weights that the images they are measured on had no part in choosing.

Figures 7 and 8 vary a strength and show test accuracy, so that the best point of a curve is chosen on
what it is measured on. Here the strength is chosen on nine tenths of the test images and its gain taken
on the remaining one, for each tenth in turn. This is a choice on test data, made to audit just that.
"""

from functools import partial

import numpy as np
import pandas as pd

from wsbook.nern.direct import KINDS

NETWORK = "resnet20-cifar10"
BLOCKS = (1, 2, 3)
PAPERS = {"block": 1, "strength": 23.53}  # of figure 9


def gains(table: pd.DataFrame, **chosen: object) -> np.ndarray:
    """Gains in accuracy (settings, folds) of the recorded alterations of a kind; others by `chosen`."""
    chosen = {"network": NETWORK, "reading": "flat-index", "noise": 0} | chosen
    rows = table[np.logical_and.reduce([table[name] == value for name, value in chosen.items()])]
    return rows.pivot_table("gain", ["kind", "block", "strength"], "seed").to_numpy()


def held_out(gains: np.ndarray) -> np.ndarray:
    """Of gains (settings, folds), for each fold that of the setting best on the other folds (folds,)."""
    if not gains.size:
        return np.empty(0)
    others = gains.sum(1, keepdims=True) - gains
    return gains[others.argmax(0), np.arange(gains.shape[1])]


def chosen_on_test(gains: np.ndarray) -> float:
    """The mean gain of the setting best on all folds: what a figure shows."""
    return gains.mean(1).max() if gains.size else np.nan


def held_out_gain(table: pd.DataFrame, **chosen: object) -> np.ndarray:
    """The held-out gain on each fold (folds,)."""
    return held_out(gains(table, **chosen))


def over_noise(table: pd.DataFrame, **chosen: object) -> np.ndarray:
    """The held-out gain minus that of noise of the same size, with its own choice (folds,)."""
    return held_out_gain(table, **chosen) - held_out_gain(table, **chosen, noise=1)


def first_block_leads(table: pd.DataFrame, kind: str) -> np.ndarray:
    """The held-out gain in the first block minus the mean of those in the others (folds,)."""
    first, *others = (held_out_gain(table, kind=kind, block=block) for block in BLOCKS)
    return first - np.mean(others, axis=0)


def s_ratios(table: pd.DataFrame, noise: int) -> np.ndarray:
    """Differences of S_ratio (layers,) in figure 9's block at its cut-off."""
    chosen = {"network": NETWORK, "kind": "low-pass", "reading": "flat-index", "noise": noise, **PAPERS}
    rows = table[np.logical_and.reduce([table[name] == value for name, value in chosen.items()])]
    return np.array(rows["layer_s_ratio"].iloc[0]) if len(rows) else np.empty(0)


def s_ratios_over_noise(table: pd.DataFrame) -> np.ndarray:
    """Differences of S_ratio (layers,) minus those that noise of the same size makes."""
    return s_ratios(table, 0) - s_ratios(table, 1)


DERIVED = {
    **{f"{kind}-{block}": partial(held_out_gain, kind=kind, block=block) for kind in KINDS for block in BLOCKS},
    **{f"{kind}-{block}-over-noise": partial(over_noise, kind=kind, block=block)
       for kind in KINDS for block in BLOCKS},
    **{f"{kind}-first-leads": partial(first_block_leads, kind=kind) for kind in KINDS},
    "any-alteration": held_out_gain,
    "any-alteration-over-noise": over_noise,
    "low-pass-s-ratio": partial(s_ratios, noise=0),
    "low-pass-s-ratio-over-noise": s_ratios_over_noise,
}  # fmt: skip
