"""Predictors of other networks: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.papers.nern.experiments.decoupled import (
    CALM_JOINT_LR,
    DECOUPLED_LR,
    DIGITS_JOINT_LR,
    DIGITS_SECOND,
    FAIR,
    both,
    joint,
    second_at_paper_scale,
)
from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.experiments.objectives import without_maps
from wsbook.papers.nern.measures import distillation
from wsbook.papers.nern.setting import EPOCH, Distillation
from wsbook.study.experiment import Experiment

LENGTH = 450 * EPOCH  # of reconstruction, and of NeRN's training, on CIFAR-100
WEIGHT = 1e-5  # there, of both of NeRN's distillation losses
RESNET50 = "resnet50-cifar-cifar100"


def nern(base: Distillation) -> Distillation:
    """NeRN's training for CIFAR-100, from a fresh predictor."""
    return replace(joint(base), kd=WEIGHT, fmd=WEIGHT, first_steps=0, steps=LENGTH)


def cifar100(network: str, hidden: int) -> Distillation:
    """Paper C's second phase for CIFAR-100."""
    return Distillation(network, hidden, first_steps=LENGTH)


def taught(base: Distillation) -> list[Distillation]:
    """Decoupled training, and NeRN's without L_FMD, both with a ResNet-50 as teacher (tables 3 and 4)."""
    return [replace(setting, teacher=RESNET50) for setting in (base, without_maps(nern(base)))]


def table_2(base: Distillation) -> list[Distillation]:
    """Decoupled training and NeRN's."""
    return [base, nern(base)]


def with_maps_and_without(base: Distillation) -> list[Distillation]:
    """Decoupled training, NeRN's, and NeRN's without L_FMD (table 6)."""
    return [*table_2(base), without_maps(nern(base))]


RESNET56 = {hidden: cifar100("resnet56-b-cifar100", hidden) for hidden in (220, 280, 360, 510, 680, 750)}
MOBILENET = cifar100("mobilenet-cifar100", 50)  # its feature maps are not defined
DEEP = Distillation("resnet56-cifar10", 220, steps=100, images=128, lr=DECOUPLED_LR, **FAIR)
WIDE = replace(DIGITS_SECOND[1], network="resnet8-wide-digits", steps=50)
NETWORKS = Experiment(
    name="c-networks",
    title="Second trainings for other networks",
    grid={
        "quick": both([WIDE], DIGITS_JOINT_LR),
        "cpu": [
            *both([DEEP], CALM_JOINT_LR),  # at ResNet-20's higher rate, a loss soon ceased to be finite
            *both([WIDE], DIGITS_JOINT_LR),
        ],
        "paper": [
            *(setting for h in (220, 280, 360) for setting in with_maps_and_without(RESNET56[h])),
            *(setting for base in RESNET56.values() for setting in taught(base)),
            *(RESNET56[h] for h in (510, 680, 750)),
            MOBILENET,
            without_maps(nern(MOBILENET)),
        ],
    },
    seeds={"quick": 1, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)
