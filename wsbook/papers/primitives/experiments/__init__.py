"""The experiments of paper A."""

from wsbook.papers.primitives.experiments.dictionaries import (
    BANDS,
    BATCH,
    BUDGET,
    CAPACITY,
    EQUAL_STEPS,
    FLOORS,
    INIT,
    METHODS,
    MOMENTUM,
    MULTIVERSE,
    OPTIMISER,
    SPECTRA,
)
from wsbook.papers.primitives.experiments.real import REAL_KERNELS, REAL_ZOO

EXPERIMENTS = (
    FLOORS,
    MOMENTUM,
    BANDS,
    OPTIMISER,
    BATCH,
    EQUAL_STEPS,
    CAPACITY,
    INIT,
    BUDGET,
    SPECTRA,
    METHODS,
    MULTIVERSE,
    REAL_ZOO,
    REAL_KERNELS,
)
