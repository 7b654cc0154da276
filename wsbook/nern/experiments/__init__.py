"""The experiments of paper C."""

from wsbook.nern.experiments.altered import DIRECT, NULL
from wsbook.nern.experiments.first import RECONSTRUCTION, RECONSTRUCTION_CONFIDENCE
from wsbook.nern.experiments.geometry import (
    CONFIDENCE,
    LINES,
    METHOD_CONFIDENCE,
    METHOD_PLANE,
    ROUND_PLANE,
)
from wsbook.nern.experiments.length import LENGTH_LR
from wsbook.nern.experiments.networks import NETWORKS
from wsbook.nern.experiments.objectives import DATA_FREE, OBJECTIVES, TEACHERS
from wsbook.nern.experiments.progressive import ROUNDS
from wsbook.nern.experiments.robust import ROBUSTNESS
from wsbook.nern.experiments.second import DECOUPLED, LEARNING_RATE, WARMUP
from wsbook.nern.experiments.storage import INT8, SIZES

EXPERIMENTS = (
    RECONSTRUCTION,
    RECONSTRUCTION_CONFIDENCE,
    ROUNDS,
    LEARNING_RATE,
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
