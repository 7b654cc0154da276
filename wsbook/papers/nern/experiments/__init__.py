"""The experiments of paper C."""

from wsbook.papers.nern.experiments.decoupled import DECOUPLED, SECOND_LR, WARMUP
from wsbook.papers.nern.experiments.direct import DIRECT, NULL
from wsbook.papers.nern.experiments.landscape import (
    CONFIDENCE,
    LINES,
    METHOD_CONFIDENCE,
    METHOD_PLANE,
    ROUND_PLANE,
)
from wsbook.papers.nern.experiments.length import LENGTH, LENGTH_LR
from wsbook.papers.nern.experiments.networks import NETWORKS
from wsbook.papers.nern.experiments.objectives import DATA_FREE, OBJECTIVES, TEACHERS
from wsbook.papers.nern.experiments.reconstruction import RECONSTRUCTION, RECONSTRUCTION_CONFIDENCE
from wsbook.papers.nern.experiments.robustness import ROBUSTNESS
from wsbook.papers.nern.experiments.rounds import ROUNDS
from wsbook.papers.nern.experiments.storage import INT8, SIZES

EXPERIMENTS = (
    RECONSTRUCTION,
    RECONSTRUCTION_CONFIDENCE,
    ROUNDS,
    SECOND_LR,
    LENGTH,
    LENGTH_LR,
    DECOUPLED,
    WARMUP,
    OBJECTIVES,
    TEACHERS,
    DATA_FREE,
    NETWORKS,
    ROBUSTNESS,
    LINES,
    CONFIDENCE,
    ROUND_PLANE,
    METHOD_PLANE,
    METHOD_CONFIDENCE,
    DIRECT,
    NULL,
    SIZES,
    INT8,
)
