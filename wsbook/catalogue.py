"""All papers of the book, their experiments, the derived samples of their claims, by name, and what their numbers are."""

import pkgutil
from importlib import import_module

from wsbook import papers
from wsbook.errors import StudyError
from wsbook.study.experiment import Experiment
from wsbook.study.paper import Paper


def find_papers() -> list[Paper]:
    """The papers of `wsbook.papers`, a folder each, in the order of their letters."""
    names = [module.name for module in pkgutil.iter_modules(papers.__path__)]
    return sorted(
        (import_module(f"wsbook.papers.{name}.paper").PAPER for name in names), key=lambda p: p.letter
    )


PAPERS = find_papers()
EXPERIMENTS: dict[str, Experiment] = {e.name: e for paper in PAPERS for e in paper.experiments}
QUANTITIES = {paper.letter.lower(): paper.quantities for paper in PAPERS}
DERIVED = {name: sample for paper in PAPERS for name, sample in paper.samples.items()}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises
        StudyError: if there is none.
    """
    if name not in EXPERIMENTS:
        raise StudyError(f"there is no experiment {name!r}; there are {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]
