"""What the best of several evaluations is worth, when they differ by chance alone."""

import numpy as np
import pandas as pd
from scipy.special import comb

from wsbook.papers.nern.method.reconstruction import SNAPSHOTS

GROUP = len(SNAPSHOTS)  # evaluations to choose from, as many as a training on reconstruction has here
PAPERS = {"network": "resnet20-cifar10", "size": 0.0033}  # L_recon of table 1, round 1: h = 300


def expected_best(gains: np.ndarray, k: int) -> float:
    """Mean of the largest of k gains drawn without replacement from those given (n,).

    sum_i g_(i) C(i - 1, k - 1) / C(n, k), with the gains in rising order.
    """
    ranks = np.arange(1, len(gains) + 1)
    return float(np.sort(gains) @ (comb(ranks - 1, k - 1) / comb(len(gains), k)))


def draws_needed(gains: np.ndarray, level: float) -> float:
    """The smallest number of draws whose best is expected to gain `level`; infinite if all of them do not."""
    enough = (k for k in range(1, len(gains) + 1) if expected_best(gains, k) >= level)
    return next(enough, np.inf)


def best_of_group(table: pd.DataFrame) -> np.ndarray:
    """The best gain of each twelve draws of noise as large as the paper's L_recon at h = 300 (groups,)."""
    rows = table[np.logical_and.reduce([table[name] == value for name, value in PAPERS.items()])]
    gains = rows.sort_values("seed")["gain"].to_numpy()
    return gains[: len(gains) // GROUP * GROUP].reshape(-1, GROUP).max(1, initial=-np.inf)


DERIVED = {"best-noise-of-a-training": best_of_group}
