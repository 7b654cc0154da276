"""The experiments of part X."""

from wsbook.papers.across.experiments.rate import RATE

EXPERIMENTS = (RATE,)
