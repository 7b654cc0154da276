"""How far one way to store ResNet-20 lies above the front of others, seed by seed."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from wsbook.papers.across.samples.front import by_seed, height

NETWORK, DEEPER = "resnet20-cifar10", "resnet56-cifar10"
ABOUT = {4: (3.0, 4.6), 2: (1.5, 2.6), 1: (0.0, 1.3)}  # bits a weight that count as about 4, 2 and 1
FEW = 1.25  # bits a weight


def lead(row: pd.DataFrame, rivals: pd.DataFrame) -> float:
    """Test accuracy of a table's only row, less the height of the rivals' front at its rate; nan without either."""
    if row.empty:
        return float("nan")
    return row["test_accuracy"].item() - height(rivals, row["bits_per_weight"].item())


def nearest_to(rows: pd.DataFrame, bits: int) -> pd.DataFrame:
    """The row of the rate nearest to so many bits a weight, if any is about as large."""
    low, high = ABOUT[bits]
    near = rows[rows["bits_per_weight"].between(low, high)]
    return near.loc[[np.log(near["bits_per_weight"] / bits).abs().idxmin()]] if len(near) else near


def of_predictor(table: pd.DataFrame, size: int, bits: int) -> np.ndarray:
    """Of the predictor of a hidden size, its weights in so many bits, over error-compensated rounding (seeds,)."""
    found = []
    for rows in by_seed(table, NETWORK):
        own = rows[(rows["method"] == "predictor") & (rows["size"] == size) & (rows["bits"] == bits)]
        found.append(lead(own, rows[rows["method"] == "compensated"]))
    return np.array(found)


def of_method(table: pd.DataFrame, method: str, about: int, rival: str = "") -> np.ndarray:
    """Of a method's setting nearest to so many bits a weight over a rival, or over all other methods (seeds,)."""
    found = []
    for rows in by_seed(table, NETWORK):
        own = rows["method"] == method
        found.append(
            lead(nearest_to(rows[own], about), rows[rows["method"] == rival] if rival else rows[~own])
        )
    return np.array(found)


def best_of_few(table: pd.DataFrame) -> np.ndarray:
    """The highest test accuracy of any setting of at most `FEW` bits a weight (seeds,)."""
    found = [rows[rows["bits_per_weight"] <= FEW] for rows in by_seed(table, NETWORK)]
    return np.array([rows["test_accuracy"].max() for rows in found])


def of_compensation(table: pd.DataFrame, bits: int, network: str = NETWORK) -> np.ndarray:
    """Test accuracy of error-compensated less that of nearest rounding, on grids of as many levels (seeds,)."""
    found = []
    for rows in by_seed(table[table["bits"] == bits], network):
        one, other = (rows[rows["method"] == m]["test_accuracy"] for m in ("compensated", "nearest"))
        found.append(one.item() - other.item() if len(one) == len(other) == 1 else float("nan"))
    return np.array(found)


Sample = Callable[[pd.DataFrame], np.ndarray]
PREDICTORS: dict[str, Sample] = {
    f"lead-of-predictor-{size}-{bits}": partial(of_predictor, size=size, bits=bits)
    for size in (120, 140, 180)
    for bits in (16, 8)
}
METHODS: dict[str, Sample] = {
    f"lead-of-{method}-at-{about}": partial(of_method, method=method, about=about)
    for method in ("compensated", "dictionary")
    for about in ABOUT
}
COMPENSATION: dict[str, Sample] = {
    f"gain-of-compensation-{bits}": partial(of_compensation, bits=bits) for bits in (4, 3, 2)
}
DERIVED: dict[str, Sample] = {
    **PREDICTORS,
    **METHODS,
    **COMPENSATION,
    "lead-of-dictionary-over-kmeans-at-2": partial(of_method, method="dictionary", about=2, rival="kmeans"),
    "gain-of-compensation-deeper": partial(of_compensation, bits=4, network=DEEPER),
    "best-of-few-bits": best_of_few,
}
