"""Compression rates of appendix E against those computed here, as samples of a claim."""

import numpy as np
import pandas as pd

from wsbook.study.claim import load_claims

KEYS = ["architecture", "hidden"]


def rate_differences(table: pd.DataFrame) -> np.ndarray:
    """|CR computed - CR printed| for every setting that the paper prints (settings,)."""
    (claim,) = (claim for claim in load_claims() if claim.id == "C-cr")
    printed = pd.DataFrame([{**value.setting, "printed": value.value} for value in claim.paper])
    both = table.merge(printed, on=KEYS)
    return (both["cr"] - both["printed"]).abs().to_numpy()


def share_saved(table: pd.DataFrame) -> np.ndarray:
    """Bytes of predictor, order and remaining tensors over bytes of the network, where CR < 1 (settings,)."""
    return table[table["cr"] < 1]["saved"].to_numpy()


def size_against_int8(table: pd.DataFrame) -> np.ndarray:
    """The same bytes over those of the network with its weights in int8, where CR < 1 (settings,)."""
    rows = table[table["cr"] < 1]
    return (rows["saved"] * rows["original_bytes"] / rows["original_int8"]).to_numpy()


DERIVED = {
    "rate-differences": rate_differences,
    "share-saved": share_saved,
    "size-against-int8": size_against_int8,
}
