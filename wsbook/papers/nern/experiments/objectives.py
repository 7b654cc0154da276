"""What a second training learns from: losses, teachers, noise. Which settings and seeds run at each profile."""

from collections.abc import Sequence
from dataclasses import replace

from wsbook.papers.nern.experiments.decoupled import (
    CALM_DECOUPLED_LR,
    CALM_JOINT_LR,
    DECOUPLED_LR,
    DIGITS_FAIR,
    DIGITS_JOINT_LR,
    DIGITS_LR,
    JOINT_LR,
    SHORT,
    joint,
    second_at_paper_scale,
)
from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.experiments.reconstruction import SMALL
from wsbook.papers.nern.measures import distillation
from wsbook.papers.nern.setting import EPOCH, Distillation
from wsbook.study.experiment import Experiment

CIFAR = replace(SHORT, lr=DECOUPLED_LR)
DIGITS = Distillation(hidden=30, steps=50, lr=DIGITS_LR, **DIGITS_FAIR)
PAPER = Distillation(hidden=140)
WEIGHTS = (1e-4, 1e-2, 1.0)  # of both distillation losses beside reconstruction, figure 6


def from_scratch(setting: Distillation) -> Distillation:
    """The same objective for NeRN's whole length, from a fresh predictor."""
    return replace(setting, first_steps=0, steps=350 * EPOCH)


def distilled_only(base: Distillation) -> list[Distillation]:
    """Decoupled training on L_KD, on L_FMD, and on both (table 7)."""
    return [base, replace(base, kd=0.0, fmd=base.kd), replace(base, fmd=base.kd)]


def without_maps(setting: Distillation) -> Distillation:
    """An objective without L_FMD (table 6)."""
    return replace(setting, fmd=0.0)


def weighted(base: Distillation) -> list[Distillation]:
    """The joint objective by the weight of its distillation losses (figure 6)."""
    return [replace(joint(base), kd=w, fmd=w) for w in WEIGHTS]


def losses(base: Distillation, rates: Sequence[float], joint_rates: Sequence[float]) -> list[Distillation]:
    """Figure 6, tables 6 and 7, for trainings that go on from reconstruction, every objective at several rates."""
    return [
        *(setting for lr in rates for setting in distilled_only(replace(base, lr=lr))),
        *(setting for lr in joint_rates for setting in weighted(replace(base, lr=lr))),
        *(without_maps(joint(replace(base, lr=lr))) for lr in joint_rates),
    ]


DIGITS_LOSSES = losses(DIGITS, (DIGITS_LR,), (DIGITS_JOINT_LR, DIGITS_LR))
CIFAR_LOSSES = losses(
    CIFAR, (CALM_DECOUPLED_LR, DECOUPLED_LR, 1e-4), (DECOUPLED_LR, CALM_JOINT_LR, JOINT_LR)
)
OBJECTIVES = Experiment(
    name="c-objectives",
    title="Second trainings by the weights of their losses",
    grid={
        "quick": DIGITS_LOSSES,
        "cpu": [*CIFAR_LOSSES, *DIGITS_LOSSES],
        "paper": [
            *distilled_only(PAPER),
            *map(from_scratch, weighted(PAPER)),
            from_scratch(without_maps(joint(PAPER))),
        ],
    },
    seeds={"quick": 1, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)


def on_noise(
    base: Distillation, rates: Sequence[float], joint_rates: Sequence[float]
) -> list[Distillation]:
    """Decoupled and joint training on noise instead of images (table 8), each at its rates."""
    noisy = replace(base, inputs="noise")
    return [
        *(replace(noisy, lr=lr) for lr in rates),
        *(joint(replace(noisy, lr=lr)) for lr in joint_rates),
    ]


# First predictors of digits that leave nothing, and much, of the original's accuracy.
NOISY_DIGITS = [
    noisy
    for hidden in (30, 60)
    for noisy in on_noise(replace(DIGITS, hidden=hidden), [DIGITS_LR], [DIGITS_JOINT_LR])
]
# At the rates that are best with images noise destroyed predictors, so that lower ones are tried too.
NOISY_CIFAR = on_noise(
    CIFAR, (3e-7, 1e-6, 3e-6, CALM_DECOUPLED_LR, DECOUPLED_LR), (1e-4, CALM_JOINT_LR, JOINT_LR)
)
DATA_FREE = Experiment(
    name="c-data-free",
    title="Second trainings on noise inputs",
    grid={
        "quick": NOISY_DIGITS,
        "cpu": [*NOISY_CIFAR, *NOISY_DIGITS],
        "paper": [replace(PAPER, inputs="noise"), from_scratch(joint(replace(PAPER, inputs="noise")))],
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)


def guided(base: Distillation, teacher: str, joint_rates: Sequence[float]) -> list[Distillation]:
    """Decoupled and joint training, the latter without L_FMD and at its rates, with the original and with another
    network as teacher (table 3)."""
    own = [base, *(without_maps(joint(replace(base, lr=lr))) for lr in joint_rates)]
    return [*own, *(replace(setting, teacher=teacher) for setting in own)]


LARGE_TEACHER = "resnet56-cifar10"
TEACHERS = Experiment(
    name="c-teachers",
    title="Second trainings with a stronger teacher",
    grid={
        "quick": guided(DIGITS, "resnet8-wide-digits", (DIGITS_JOINT_LR,)),
        "cpu": [
            *guided(CIFAR, LARGE_TEACHER, (CALM_JOINT_LR, JOINT_LR)),
            *guided(DIGITS, "resnet8-wide-digits", (DIGITS_JOINT_LR,)),
        ],
        "paper": [
            setting if not setting.reconstruction else from_scratch(setting)
            for hidden in (*SMALL, 300)
            for setting in guided(replace(PAPER, hidden=hidden), LARGE_TEACHER, (PAPER.lr,))
        ],
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)
