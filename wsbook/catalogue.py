"""All experiments of the book, by name."""

from wsbook.errors import StudyError
from wsbook.primitives.experiments import EXPERIMENTS as PRIMITIVES
from wsbook.study.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {e.name: e for e in PRIMITIVES}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises
        StudyError: if there is none.
    """
    if name not in EXPERIMENTS:
        raise StudyError(f"there is no experiment {name!r}; there are {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]
