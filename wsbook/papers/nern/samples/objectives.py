"""Second trainings by the losses that they learn from: figure 6 and tables 6 to 8.

Trainings are found by the losses that have a weight, not by numbers that differ between profiles.
"""

import numpy as np
import pandas as pd

from wsbook.papers.nern.samples.decoupled import at_best_rates, side_by_side

NETWORK, HIDDEN = "resnet20-cifar10", 140
WEIGHTS = (1e-4, 1e-2, 1.0)  # of both distillation losses beside reconstruction; NeRN's own first


def objective(
    table: pd.DataFrame, reconstruction: bool, kd: bool = True, fmd: bool = False
) -> pd.DataFrame:
    """The records of the trainings in which just these losses have a weight."""
    rows = table[(table.network == NETWORK) & (table.hidden == HIDDEN)]
    wanted = {"reconstruction": reconstruction, "kd": kd, "fmd": fmd}
    return rows[np.logical_and.reduce([(rows[name] > 0) == has for name, has in wanted.items()])]


def weighted(table: pd.DataFrame, weight: float) -> pd.DataFrame:
    """The joint objective with one weight of both distillation losses."""
    rows = objective(table, reconstruction=True, fmd=True)
    return rows[np.isclose(rows.kd, weight) & np.isclose(rows.fmd, weight)]


def decoupled_and_weights(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of decoupled training, and of the joint objective by weight, each at the rate best on
    validation images (seeds, 4)."""
    joint = [weighted(table, weight) for weight in WEIGHTS]
    return at_best_rates([objective(table, reconstruction=False), *joint], "test_accuracy")


def larger_and_nern(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy with the middle weight and with NeRN's, each at the rate best on validation images
    (seeds, 2)."""
    return at_best_rates([weighted(table, weight) for weight in WEIGHTS[1::-1]], "test_accuracy")


def largest_and_nern(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The records with the largest weight, and with NeRN's."""
    return [weighted(table, weight) for weight in (WEIGHTS[-1], WEIGHTS[0])]


def largest_at_best_rates(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy with the largest weight and with NeRN's, each at the rate best on validation images (seeds, 2)."""
    return at_best_rates(largest_and_nern(table), "test_accuracy")


def largest_at_one_rate(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy with the largest weight and with NeRN's, at the largest rate: NeRN's own (seeds, 2)."""
    pair = largest_and_nern(table)
    return side_by_side([rows[rows.lr == rows.lr.max()] for rows in pair], "test_accuracy")


def with_and_without_maps(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of NeRN's objective with and without L_FMD, each at the rate best on validation images
    (seeds, 2)."""
    pair = [weighted(table, WEIGHTS[0]), objective(table, reconstruction=True)]
    return at_best_rates(pair, "test_accuracy")


def logits_and_maps(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of decoupled training on L_KD and on L_FMD, each at the rate best on validation images
    (seeds, 2)."""
    pair = ((True, False), (False, True))
    return at_best_rates([objective(table, False, kd, fmd) for kd, fmd in pair], "test_accuracy")


def both_and_logits(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of decoupled training on both, and on L_KD alone, each at the rate best on validation images
    (seeds, 2)."""
    return at_best_rates([objective(table, False, fmd=fmd) for fmd in (True, False)], "test_accuracy")


def start(table: pd.DataFrame) -> pd.DataFrame:
    """Reconstruction alone, where decoupled training starts."""
    rows = objective(table, reconstruction=False)
    return rows.assign(test_accuracy=rows["start_accuracy"])


def joint_and_start(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of NeRN's objective at the rate best on validation images, and of reconstruction alone
    (seeds, 2)."""
    return at_best_rates([weighted(table, WEIGHTS[0]), start(table)], "test_accuracy")


def decoupled_and_start(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of decoupled training at the rate best on validation images, and of reconstruction alone
    (seeds, 2)."""
    return at_best_rates([objective(table, reconstruction=False), start(table)], "test_accuracy")


def decoupled_and_joint(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy of decoupled training and of NeRN's objective, each at the rate best on validation images
    (seeds, 2)."""
    return decoupled_and_weights(table)[:, :2]


DERIVED = {
    "decoupled-and-weights": decoupled_and_weights,
    "larger-and-nern-weight": larger_and_nern,
    "largest-and-nern-weight": largest_at_best_rates,
    "largest-and-nern-weight-at-one-rate": largest_at_one_rate,
    "with-and-without-maps": with_and_without_maps,
    "logits-and-maps": logits_and_maps,
    "both-and-logits": both_and_logits,
    "joint-and-start": joint_and_start,
    "decoupled-and-start": decoupled_and_start,
    "decoupled-and-joint": decoupled_and_joint,
}
