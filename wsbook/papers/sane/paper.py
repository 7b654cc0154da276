"""Paper B, as the catalogue finds it."""

from wsbook.papers.sane.experiments import EXPERIMENTS
from wsbook.papers.sane.quantities import QUANTITIES
from wsbook.papers.sane.samples import compositions, copies, losses, sizes
from wsbook.study.paper import Paper

PAPER = Paper(
    letter="B",
    title="The impact of model zoo size and composition on weight space learning",
    short="Model zoos",
    experiments=EXPERIMENTS,
    samples={**compositions.DERIVED, **copies.DERIVED, **losses.DERIVED, **sizes.DERIVED},
    quantities=QUANTITIES,
)
