"""What a paper brings to the study."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from numpy import ndarray
from pandas import DataFrame

from wsbook.study.experiment import Experiment
from wsbook.study.quantity import Quantity


@dataclass(frozen=True)
class Paper:
    """A paper, or another part of the book, as `wsbook.catalogue` finds it in `wsbook.papers.NAME.paper`."""

    letter: str  # that its claim file, its notebooks and, in lower case, its experiments begin with
    title: str
    short: str  # its part of the contents
    experiments: Sequence[Experiment]
    # what claims call `derived`, from a table of records
    samples: Mapping[str, Callable[[DataFrame], ndarray]]
    # what its metrics and samples are, by patterns of their names
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
