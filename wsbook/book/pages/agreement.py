"""Does this run give the numbers that were recorded? A regression test that every page carries."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wsbook.errors import StudyError
from wsbook.figures.display import Shown, sentence
from wsbook.study.collect import frame, load
from wsbook.study.experiment import Experiment
from wsbook.study.places import REFERENCE, RESULTS
from wsbook.study.record import Record
from wsbook.verdicts.decision import DECIDING

TOLERANCE = 1e-3  # relative; other processors round differently


def committed(experiment: Experiment) -> pd.DataFrame:
    """The committed records of the best profile that has any, as `collect` would return them; or none."""
    return frame(deciding(experiment), experiment)


def deciding(experiment: Experiment) -> list[Record]:
    """The committed records of the best profile that has any."""
    return next(filter(None, (load(experiment, profile, RESULTS) for profile in DECIDING)), [])


def comparable(experiment: Experiment) -> pd.DataFrame:
    """The records that a run can be compared with: the committed ones, and quick runs kept as a reference."""
    return frame(deciding(experiment) + load(experiment, "quick", REFERENCE), experiment)


def common_values(
    here: pd.DataFrame, there: pd.DataFrame, experiment: Experiment, metrics: Sequence[str] | None
) -> tuple[int, np.ndarray]:
    """Number of cells that two tables share, and the relative differences of their numbers.

    All metrics and curves are compared, or just those named.

    Raises
        StudyError: for a name that one of the tables does not have.
    """
    keys = [*experiment.names, "seed"]
    both = here.merge(there, on=keys, suffixes=("", " recorded"))
    if both.empty:
        return 0, np.empty(0)
    names = [name for name in both if f"{name} recorded" in both and name not in BOOKKEEPING]
    if unknown := [name for name in metrics or () if name not in names]:
        raise StudyError(
            f"{experiment.name}: there is no {', '.join(unknown)} to compare; mend the notebook."
        )
    names = names if metrics is None else list(metrics)
    ours, theirs = (
        np.concatenate([np.hstack(both[name + suffix].to_list()) for name in names]).astype(float)
        for suffix in ("", " recorded")
    )
    return len(both), np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-3)


BOOKKEEPING = ("profile", "stale", "paper_scale", "device", "accelerator", "utc", "seconds")


def agreement(
    experiment: Experiment,
    here: pd.DataFrame,
    tolerance: float = TOLERANCE,
    metrics: Sequence[str] | None = None,
) -> Shown:
    """One sentence: how many of this run's cells are recorded too, and that their numbers agree.

    Args
        tolerance: largest relative difference that counts as agreement.
        metrics: names of what to compare; by default every metric and curve.

    Raises
        StudyError: if they differ by more than rounding does.
    """
    there = comparable(experiment)
    if there.empty:
        return sentence(f"{experiment.name}: nothing is recorded to compare with.")
    cells, differences = common_values(here, there, experiment, metrics)
    if not cells:
        return sentence(
            f"{experiment.name}: none of this run's {len(here)} cells is among the committed records."
        )
    if not (differences <= tolerance).all():
        raise StudyError(
            f"{experiment.name}: this run differs from the committed records by up to "
            f"{differences.max():.2g} (relative); look at what changed since they were measured."
        )
    return sentence(
        f"{experiment.name}: {cells} of this run's {len(here)} cells are among the committed records, "
        f"and agree with them to {tolerance:g} in {'all numbers' if metrics is None else ', '.join(metrics)}."
    )
