"""Second trainings by their length, up to the paper's: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.papers.nern.experiments.decoupled import (
    DECOUPLED_LR,
    DIGITS_FAIR,
    DIGITS_JOINT_LR,
    DIGITS_LR,
    FAIR,
    JOINT_LR,
    both,
    joint,
    second_at_paper_scale,
)
from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.measures import distillation
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Experiment

FULL = Distillation(hidden=140, **FAIR)  # 19,600 steps of 256 images, from the full-length predictor
TENTH = replace(FULL, steps=FULL.steps // 10)
DIGITS = Distillation(hidden=30, steps=150, lr=DIGITS_LR, **DIGITS_FAIR)

# Tried in turns, so that both objectives have had as many tries at any time.
TRIED = [
    setting
    for lr, joint_lr in ((1e-4, 1e-3), (3e-4, 3e-4), (3e-5, 3e-3))
    for setting in (replace(TENTH, lr=lr), joint(replace(TENTH, lr=joint_lr)))
]
LENGTH_LR = Experiment(
    name="c-length-lr",
    title="Learning rates of long second trainings",
    grid={
        "quick": [DIGITS, joint(replace(DIGITS, lr=DIGITS_JOINT_LR))],
        "cpu": TRIED,
    },
    seeds={"quick": 1, "cpu": 1},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)

# A learning rate falls along half a cosine over the whole training, so that no length is a part of another. The shortest has
# the rates that 100 steps chose, the longer ones those of highest validation accuracy in LENGTH_LR; of two joint rates
# that tie there, the one that 100 steps chose.
LONG_LR, LONG_JOINT_LR = 1e-4, 1e-3
LENGTHS = (1000, 5000, FULL.steps)
BY_LENGTH = [
    *both([replace(FULL, steps=200, lr=DECOUPLED_LR)], JOINT_LR),
    *(
        setting
        for steps in LENGTHS
        for setting in both([replace(FULL, steps=steps, lr=LONG_LR)], LONG_JOINT_LR)
    ),
]
LENGTH = Experiment(
    name="c-length",
    title="Second trainings by their length, up to the paper's",
    grid={
        "quick": [
            setting
            for steps in (50, 150)
            for setting in both([replace(DIGITS, steps=steps)], DIGITS_JOINT_LR)
        ],
        "cpu": BY_LENGTH,
        "paper": BY_LENGTH,
    },
    seeds={"quick": 1, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)
