"""The convex front of rate against accuracy, and how far a method lies above or below that of its rivals.

Of many networks, a share can be stored in one way and the others in another: rate and accuracy then lie on the line
between the two. So the front is the upper concave envelope of accuracy over bits a weight. It begins at no bits and
the accuracy of a guess, and stays level beyond its best point. Which settings are its corners is decided on
validation images; heights are of accuracies on test images.
"""

import numpy as np
import pandas as pd

from wsbook.papers.across.setting import DRAWN

GUESS = 0.1  # accuracy at no bits: all data sets here have ten classes
SETTING = ["network", "method", "bits", "size", "rank", "share"]


def corners(bits: np.ndarray, accuracy: np.ndarray) -> list[int]:
    """Which of points (n,) are corners of the front, in the order of their bits."""
    front = [(0.0, GUESS, -1)]
    for x, y, number in sorted(
        zip(bits, accuracy, range(len(bits))), key=lambda point: (point[0], -point[1])
    ):
        if y <= front[-1][1]:
            continue
        while len(front) > 1 and _slope(front[-2], (x, y)) >= _slope(front[-2], front[-1]):
            front.pop()
        front.append((x, y, number))
    return [number for *_, number in front[1:]]


def front_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, a setting each, at the corners of their front by accuracy on validation images."""
    return rows.iloc[corners(rows["bits_per_weight"].to_numpy(), rows["val_accuracy"].to_numpy())]


def height(rows: pd.DataFrame, at: float) -> float:
    """Test accuracy of the front of some rows at so many bits a weight; nan if there are no rows."""
    if rows.empty:
        return float("nan")
    front = front_of(rows)
    return float(np.interp(at, [0.0, *front["bits_per_weight"]], [GUESS, *front["test_accuracy"]]))


def mean_over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each setting: means of bits, accuracies and seconds over its seeds."""
    names = ["bits_per_weight", "test_accuracy", "val_accuracy", "rmse", "encode_seconds", "decode_seconds"]
    return table.groupby(SETTING, sort=False)[names].mean().reset_index()


def of_seed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The records of a seed, with those of methods that draw nothing and so have but one."""
    return table[(table["seed"] == seed) | ~table["method"].isin(DRAWN)]


def by_seed(table: pd.DataFrame, network: str) -> list[pd.DataFrame]:
    """What each seed has to show of a network."""
    rows = table[table["network"] == network]
    return [of_seed(rows, seed) for seed in sorted(set(rows["seed"]))]


def _slope(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return (other[1] - one[1]) / max(other[0] - one[0], 1e-12)
