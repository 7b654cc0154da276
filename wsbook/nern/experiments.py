"""The experiments of paper C: which settings and seeds each runs at each profile."""

from wsbook.nern import first_phase
from wsbook.nern.setting import Reconstruction
from wsbook.study.experiment import Experiment

CIFAR = [Reconstruction(hidden=hidden) for hidden in (120, 140, 180, 300)]
DIGITS = [
    Reconstruction("resnet8-digits", hidden, steps=2000, batch=512) for hidden in (20, 40, 60, 80)
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

EXPERIMENTS = (RECONSTRUCTION,)
