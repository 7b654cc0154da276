"""Robustness of networks with predicted kernels: which settings and seeds run at each profile."""

from wsbook.papers.nern.experiments.decoupled import (
    CIFAR_BOTH,
    DIGITS_JOINT_LR,
    DIGITS_SECOND,
    PAPER_SECOND,
    both,
    second_at_paper_scale,
)
from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.measures import robustness
from wsbook.study.experiment import Experiment

ROBUSTNESS = Experiment(
    name="c-robustness",
    title="Corrupted and adversarial images after second trainings",
    grid={
        "quick": both(DIGITS_SECOND[:1], DIGITS_JOINT_LR),
        "cpu": [*CIFAR_BOTH, *both(DIGITS_SECOND[:1], DIGITS_JOINT_LR)],
        "paper": both(PAPER_SECOND),  # the joint objective, too, goes on from what "start_…" is measured of
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=robustness.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)
