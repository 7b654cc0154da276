"""The experiments of paper B."""

from wsbook.papers.sane.experiments.capacity import CAPACITY
from wsbook.papers.sane.experiments.contrast import CONTRAST, CONTRAST_GENERATION
from wsbook.papers.sane.experiments.domains import ARCHITECTURES, ARCHITECTURES_AS_LONG, PROPERTIES, TEXT
from wsbook.papers.sane.experiments.losses import LEARNING_RATE, NORMALISATION
from wsbook.papers.sane.experiments.residual import RESIDUAL, RESIDUAL_SLOWER
from wsbook.papers.sane.experiments.sampling import SAMPLING
from wsbook.papers.sane.experiments.transfer import (
    CAUSE,
    DIVERSITY,
    IN_DISTRIBUTION,
    IN_DISTRIBUTION_NARROW,
    MEMORY,
    OUT_OF_DISTRIBUTION,
    OUT_OF_DISTRIBUTION_NARROW,
    SIZE,
)
from wsbook.papers.sane.experiments.tuning import FINETUNING
from wsbook.papers.sane.experiments.zoos import ZOOS

EXPERIMENTS = (
    ZOOS,
    NORMALISATION,
    LEARNING_RATE,
    IN_DISTRIBUTION,
    OUT_OF_DISTRIBUTION,
    IN_DISTRIBUTION_NARROW,
    OUT_OF_DISTRIBUTION_NARROW,
    DIVERSITY,
    SIZE,
    CAUSE,
    CAPACITY,
    MEMORY,
    FINETUNING,
    SAMPLING,
    ARCHITECTURES,
    ARCHITECTURES_AS_LONG,
    CONTRAST,
    CONTRAST_GENERATION,
    RESIDUAL,
    RESIDUAL_SLOWER,
    TEXT,
    PROPERTIES,
)
