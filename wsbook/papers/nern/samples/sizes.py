"""Compression rates and sizes of the settings that appendix E prints, as samples of a claim.

A sample is a setting; sizes do not vary.
"""

import numpy as np
import pandas as pd

from wsbook.verdicts.claims import load_claims

KEYS = ["architecture", "hidden"]


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of settings that the paper prints, with its rate as `printed`."""
    (claim,) = (claim for claim in load_claims() if claim.id == "C-cr")
    rates = pd.DataFrame([{**value.setting, "printed": value.value} for value in claim.paper])
    return table.merge(rates, on=KEYS)


def rate_differences(table: pd.DataFrame) -> np.ndarray:
    """|CR computed - CR printed| (settings,)."""
    rows = printed(table)
    return (rows["cr"] - rows["printed"]).abs().to_numpy()


def share_saved(table: pd.DataFrame) -> np.ndarray:
    """Bytes of predictor, order and remaining tensors over bytes of the network, where CR < 1 (settings,)."""
    rows = printed(table)
    return rows[rows["cr"] < 1]["saved"].to_numpy()


def size_against_int8(table: pd.DataFrame) -> np.ndarray:
    """The same bytes over those of the network with its weights in int8, where CR < 1 (settings,)."""
    rows = printed(table)
    rows = rows[rows["cr"] < 1]
    return (rows["saved"] * rows["original_bytes"] / rows["original_int8"]).to_numpy()


DERIVED = {
    "rate-differences": rate_differences,
    "share-saved": share_saved,
    "size-against-int8": size_against_int8,
}
