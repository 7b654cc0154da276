"""Part X, as the catalogue finds it."""

from wsbook.papers.across.experiments import EXPERIMENTS
from wsbook.papers.across.quantities import QUANTITIES
from wsbook.papers.across.samples import leads
from wsbook.study.paper import Paper

PAPER = Paper(
    letter="X",
    title="Across the papers",
    short="Across the papers",
    experiments=EXPERIMENTS,
    samples=leads.DERIVED,
    quantities=QUANTITIES,
)
