"""Intervals of a mean over seeds, by the names that claim files use."""

import numpy as np

from wsbook.verdicts.statistics import Array, bootstrap_interval, t_interval

INTERVALS = {"t": "Student's t", "bca": "BCa bootstrap"}


def mean_interval(
    x: Array, level: float, method: str, generator: np.random.Generator
) -> tuple[float, float]:
    """The interval of the mean of (n,) samples; `method` is one of `INTERVALS`."""
    if method == "t":
        low, high = t_interval(x, level)
    else:
        low, high = bootstrap_interval(x, generator, level)
    return float(low), float(high)
