"""The experiments of paper C: which settings and seeds each runs at each profile."""

from dataclasses import replace

from wsbook.nern import first_phase, second_phase
from wsbook.nern.setting import EPOCH, Distillation, Reconstruction
from wsbook.study.experiment import Experiment

SMALL = (120, 140, 180)  # hidden sizes of table 2 for CIFAR-10
CIFAR = [Reconstruction(hidden=hidden) for hidden in (*SMALL, 300)]
DIGITS = [
    Reconstruction("resnet8-digits", hidden, steps=2500, batch=512, lr=1e-2) for hidden in (30, 45, 60, 90)
]


def at_paper_scale(setting: Reconstruction) -> bool:
    """Whether the network is one of the paper's and training as long as there."""
    return setting.network == "resnet20-cifar10" and setting.steps >= Reconstruction.steps


RECONSTRUCTION = Experiment(
    name="c-reconstruction",
    title="Reconstruction alone, by hidden size",
    grid={"quick": DIGITS, "cpu": CIFAR, "paper": CIFAR},
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=first_phase.measure,
    at_paper_scale=at_paper_scale,
    stack_size=1,
)


def nern(base: Distillation) -> Distillation:
    """The joint objective of NeRN at the same budget: all three losses, through batches of kernels."""
    return replace(base, reconstruction=1.0, kd=1e-4, fmd=1e-4, batch=base.first_batch)


def second_at_paper_scale(setting: Distillation) -> bool:
    """Whether both phases are as long as the paper's, on one of its networks."""
    first = at_paper_scale(setting.first)
    return first and setting.steps >= 100 * EPOCH and setting.images >= 256


# Decoupled training with Adam and gradients through all kernels: Ranger at NeRN's learning rate first
# destroys what it starts from, see the notebook on decoupled training.
DIGITS_SECOND = [
    Distillation(
        "resnet8-digits",
        hidden,
        first_steps=2500,
        first_batch=512,
        first_lr=1e-2,
        steps=200,
        images=64,
        batch=0,
        optimiser="adam",
        lr=1e-4,
        kd=1.0,
    )
    for hidden in (30, 45, 60)
]
CIFAR_SECOND = [
    Distillation(hidden=hidden, steps=400, images=128, batch=0, optimiser="adam", lr=1e-5, kd=1.0)
    for hidden in SMALL
]
PAPER_SECOND = [Distillation(hidden=hidden) for hidden in SMALL]
DECOUPLED = Experiment(
    name="c-decoupled",
    title="Decoupled training against NeRN's joint objective",
    grid={
        "quick": DIGITS_SECOND + [nern(setting) for setting in DIGITS_SECOND],
        "cpu": CIFAR_SECOND + [nern(setting) for setting in CIFAR_SECOND],
        "paper": PAPER_SECOND
        + [nern(replace(setting, first_steps=0, steps=350 * EPOCH)) for setting in PAPER_SECOND],
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=second_phase.measure,
    at_paper_scale=second_at_paper_scale,
    stack_size=1,
)

EXPERIMENTS = (RECONSTRUCTION, DECOUPLED)
