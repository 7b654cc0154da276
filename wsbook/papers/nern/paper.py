"""Paper C, as the catalogue finds it."""

from wsbook.papers.nern.experiments import EXPERIMENTS
from wsbook.papers.nern.quantities import QUANTITIES
from wsbook.papers.nern.samples import (
    confidence,
    decoupled,
    direct,
    length,
    null,
    objectives,
    sizes,
    teachers,
)
from wsbook.study.paper import Paper

PAPER = Paper(
    letter="C",
    title="Enhancing accuracy and parameter efficiency of neural representations for network parameterization",
    short="Neural representations",
    experiments=EXPERIMENTS,
    samples={
        **confidence.DERIVED,
        **decoupled.DERIVED,
        **direct.DERIVED,
        **length.DERIVED,
        **null.DERIVED,
        **objectives.DERIVED,
        **sizes.DERIVED,
        **teachers.DERIVED,
    },
    quantities=QUANTITIES,
)
