"""Lines and planes through networks: which settings and seeds run at each profile."""

from dataclasses import asdict, replace

from wsbook.papers.nern.experiments.decoupled import (
    CIFAR_SECOND,
    DIGITS_JOINT_LR,
    DIGITS_SECOND,
    JOINT_LR,
    PAPER_SECOND,
)
from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.experiments.rounds import DIGITS_ROUND, SHORT_ROUND, chain, round_at_paper_scale
from wsbook.papers.nern.measures import confidence
from wsbook.papers.nern.measures import lines as line
from wsbook.papers.nern.measures import planes as plane
from wsbook.papers.nern.measures.planes import Methods, Rounds
from wsbook.papers.nern.measures.rounds import TRIALS, Round
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Experiment


def lines(base: Round, count: int) -> list[Round]:
    """The networks of all rounds, targets chosen as in the paper."""
    return [base, *chain(base, count, "test")]


LINES = Experiment(
    name="c-lines",
    title="On the line from the original to each round",
    grid={
        "quick": lines(DIGITS_ROUND, 3),
        "cpu": [*lines(SHORT_ROUND, 5), *lines(DIGITS_ROUND, 3)],
        "paper": lines(Round(), 5),
    },
    seeds={"quick": TRIALS, "cpu": TRIALS, "paper": TRIALS},
    measure=line.measure,
    at_paper_scale=round_at_paper_scale,
    check=check,
    stack_size=1,
)


CONFIDENCE = Experiment(
    name="c-confidence",
    title="How sure of themselves networks of rounds are",
    grid=LINES.grid,
    seeds=LINES.seeds,
    measure=confidence.measure,
    at_paper_scale=round_at_paper_scale,
    check=check,
    stack_size=1,
)


def last_of(base: Round, count: int) -> Rounds:
    """The plane through the first and the last round."""
    return Rounds(**asdict(replace(base, number=count, chosen="test")))


def methods(base: Distillation, joint_lr: float) -> Methods:
    """The plane through both methods."""
    return Methods(**asdict(base), joint_lr=joint_lr)


def methods_at_paper_scale(setting: Distillation) -> bool:
    """Never: joint training goes on from reconstruction alone here, for as long as decoupled training does, where
    NeRN's trains a fresh predictor."""
    return False


ROUND_PLANE = Experiment(
    name="c-round-plane",
    title="The loss between the original, the first and the last round",
    grid={
        "quick": [last_of(DIGITS_ROUND, 3)],
        "cpu": [last_of(SHORT_ROUND, 5), last_of(DIGITS_ROUND, 3)],
        "paper": [last_of(Round(), 5)],
    },
    seeds={"quick": 1, "cpu": TRIALS, "paper": TRIALS},
    measure=plane.measure,
    at_paper_scale=round_at_paper_scale,
    check=check,
    stack_size=1,
)


def both(plane_of: Methods) -> list[Distillation]:
    """The trainings that lead to the networks of a plane, the joint one first."""
    return [plane_of.joint, plane_of.decoupled]


METHOD_PLANE = Experiment(
    name="c-method-plane",
    title="The loss between the original, joint and decoupled training",
    grid={
        "quick": [methods(DIGITS_SECOND[0], DIGITS_JOINT_LR)],
        "cpu": [methods(CIFAR_SECOND[1], JOINT_LR), methods(DIGITS_SECOND[0], DIGITS_JOINT_LR)],
        "paper": [methods(PAPER_SECOND[1], 5e-3)],
    },
    seeds={"quick": 1, "cpu": 3, "paper": 3},
    measure=plane.measure,
    at_paper_scale=methods_at_paper_scale,
    check=check,
    stack_size=1,
)

METHOD_CONFIDENCE = Experiment(
    name="c-method-confidence",
    title="How sure of themselves networks of joint and decoupled training are",
    grid={
        profile: [setting for plane_of in planes for setting in both(plane_of)]
        for profile, planes in METHOD_PLANE.grid.items()
    },
    seeds=METHOD_PLANE.seeds,
    measure=confidence.measure,
    at_paper_scale=methods_at_paper_scale,
    check=check,
    stack_size=1,
)
