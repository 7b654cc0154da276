"""Paper A, as the catalogue finds it."""

from wsbook.papers.primitives.experiments import EXPERIMENTS
from wsbook.papers.primitives.quantities import QUANTITIES
from wsbook.papers.primitives.samples import movement, multiverse
from wsbook.study.paper import Paper

PAPER = Paper(
    letter="A",
    title="Learning compositional weight primitives for neural model synthesis",
    short="Weight primitives",
    experiments=EXPERIMENTS,
    samples={**movement.DERIVED, **multiverse.DERIVED},
    quantities=QUANTITIES,
)
