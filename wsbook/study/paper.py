"""What a paper brings to the study."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from numpy import ndarray
from pandas import DataFrame

from wsbook.study.experiment import Experiment


@dataclass(frozen=True)
class Paper:
    """A paper, or another part of the book, as `wsbook.catalogue` finds it in `wsbook.papers.NAME.paper`."""

    letter: str  # that its claim file, its notebooks and, in lower case, its experiments begin with
    title: str
    short: str  # its part of the contents
    experiments: Sequence[Experiment]
    # what claims call `derived`, from a table of records
    samples: Mapping[str, Callable[[DataFrame], ndarray]]
