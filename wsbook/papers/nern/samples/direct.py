"""Gains of altered weights that the images they are measured on had no part in choosing.

Figures 7 and 8 vary a strength and show test accuracy, so that the best point of a curve is chosen on
what it is measured on. Here the strength is chosen on nine tenths of the test images and its gain taken
on the remaining one, for each tenth in turn. This is a choice on test data, made to audit just that.

The control is as many noises, each as large as one alteration and in a direction of its own. One noise for
each alteration makes a draw; each draw has its own choice, and draws are averaged.
"""

from functools import partial

import numpy as np
import pandas as pd

from wsbook.papers.nern.measures.direct import KINDS

NETWORK = "resnet20-cifar10"
BLOCKS = (1, 2, 3)
PAPERS = {"block": 1, "strength": 23.53}  # of figure 9
SETTING = ["kind", "block", "strength"]


def records(table: pd.DataFrame, **chosen: object) -> pd.DataFrame:
    """The rows of one network and reading; other fields by `chosen`."""
    chosen = {"network": NETWORK, "reading": "flat-index"} | chosen
    return table[np.logical_and.reduce([table[name] == value for name, value in chosen.items()])]


def gains(table: pd.DataFrame, noisy: bool = False, **chosen: object) -> np.ndarray:
    """Gains in accuracy (draws, settings, folds) of alterations, in one draw, or of noises as large.

    Noises are NaN where a draw has none for some alteration.
    """
    rows = records(table, **chosen)
    altered = by_fold(rows[rows["noise"] == 0])
    if not noisy:
        return altered.to_numpy(float)[None]
    noises = rows[rows["noise"] > 0]
    draw = noises.groupby([*SETTING, "seed"])["noise"].rank()
    found = [by_fold(noises[draw == number]).reindex_like(altered) for number in sorted(draw.unique())]
    return np.array(found, dtype=float).reshape(len(found), *altered.shape)


def by_fold(rows: pd.DataFrame) -> pd.DataFrame:
    """Gains by setting and fold."""
    return rows.set_index([*SETTING, "seed"])["gain"].unstack("seed")


def held_out(gains: np.ndarray) -> np.ndarray:
    """Of gains (draws, settings, folds), for each fold that of the setting best on the other folds, averaged
    over draws (folds,)."""
    if not gains.size:
        return np.empty(0)
    best = (gains.sum(2, keepdims=True) - gains).argmax(1)
    return np.take_along_axis(gains, best[:, None], 1)[:, 0].mean(0)


def chosen_on_test(gains: np.ndarray) -> float:
    """The mean gain of the setting best on all folds, averaged over draws: what a figure shows."""
    return gains.mean(2).max(1).mean() if gains.size else np.nan


def held_out_gain(table: pd.DataFrame, noisy: bool = False, **chosen: object) -> np.ndarray:
    """The held-out gain on each fold (folds,)."""
    return held_out(gains(table, noisy, **chosen))


def over_noise(table: pd.DataFrame, **chosen: object) -> np.ndarray:
    """The held-out gain minus that of noises of the same size, with their own choice (folds,)."""
    noise = held_out_gain(table, noisy=True, **chosen)
    return held_out_gain(table, **chosen) - noise if noise.size else noise


def by_block(table: pd.DataFrame, kind: str) -> np.ndarray:
    """The held-out gain in each block (folds, blocks)."""
    return np.column_stack([held_out_gain(table, kind=kind, block=block) for block in BLOCKS])


def s_ratios(table: pd.DataFrame, noisy: bool = False) -> np.ndarray:
    """Differences of S_ratio (layers,) in figure 9's block at its cut-off; of noises the mean over draws."""
    rows = records(table, kind="low-pass", **PAPERS)
    found = rows[(rows["noise"] > 0) == noisy].groupby("noise")["layer_s_ratio"].first()
    return np.mean(found.tolist(), axis=0) if len(found) else np.empty(0)


def s_ratios_over_noise(table: pd.DataFrame) -> np.ndarray:
    """Differences of S_ratio (layers,) minus those that noise of the same size makes."""
    noise = s_ratios(table, noisy=True)
    return s_ratios(table) - noise if noise.size else noise


DERIVED = {
    **{f"{kind}-{block}": partial(held_out_gain, kind=kind, block=block) for kind in KINDS for block in BLOCKS},
    **{f"{kind}-{block}-over-noise": partial(over_noise, kind=kind, block=block)
       for kind in KINDS for block in BLOCKS},
    "low-pass-by-block": partial(by_block, kind="low-pass"),
    "any-alteration": held_out_gain,
    "any-alteration-over-noise": over_noise,
    "low-pass-s-ratio": s_ratios,
    "low-pass-s-ratio-over-noise": s_ratios_over_noise,
}  # fmt: skip
