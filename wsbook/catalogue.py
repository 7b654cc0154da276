"""All experiments of the book and all derived samples of its claims, by name."""

from wsbook.errors import StudyError
from wsbook.nern.experiments import EXPERIMENTS as NERN
from wsbook.primitives.experiments import EXPERIMENTS as PRIMITIVES
from wsbook.primitives.survival import DERIVED as PRIMITIVES_DERIVED
from wsbook.study.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {e.name: e for e in (*PRIMITIVES, *NERN)}
DERIVED = {**PRIMITIVES_DERIVED}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises
        StudyError: if there is none.
    """
    if name not in EXPERIMENTS:
        raise StudyError(f"there is no experiment {name!r}; there are {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]
