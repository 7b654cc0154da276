"""Compression rates and sizes of the settings that appendix E prints, as samples of a claim.

Sizes do not vary, and what is said of all settings is judged by the worst of them: each derived sample is the
largest value, once for each setting that it was taken over.
"""

import numpy as np
import pandas as pd

from wsbook.study.claim import load_claims

KEYS = ["architecture", "hidden"]


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of settings that the paper prints, with its rate as `printed`."""
    (claim,) = (claim for claim in load_claims() if claim.id == "C-cr")
    rates = pd.DataFrame([{**value.setting, "printed": value.value} for value in claim.paper])
    return table.merge(rates, on=KEYS)


def largest(values: pd.Series) -> np.ndarray:
    """The largest of some values, as often as there are values."""
    return np.full(len(values), values.max())


def rate_differences(table: pd.DataFrame) -> np.ndarray:
    """The largest |CR computed - CR printed| (settings,)."""
    rows = printed(table)
    return largest((rows["cr"] - rows["printed"]).abs())


def share_saved(table: pd.DataFrame) -> np.ndarray:
    """Bytes of predictor, order and remaining tensors over bytes of the network, where CR < 1: the largest
    (settings,)."""
    rows = printed(table)
    return largest(rows[rows["cr"] < 1]["saved"])


def size_against_int8(table: pd.DataFrame) -> np.ndarray:
    """The same bytes over those of the network with its weights in int8, where CR < 1: the largest (settings,)."""
    rows = printed(table)
    rows = rows[rows["cr"] < 1]
    return largest(rows["saved"] * rows["original_bytes"] / rows["original_int8"])


DERIVED = {
    "rate-differences": rate_differences,
    "share-saved": share_saved,
    "size-against-int8": size_against_int8,
}
