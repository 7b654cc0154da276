"""Training on reconstruction alone: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.measures import confidence, reconstruction
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.experiment import Experiment

PAPERS_NETWORKS = ("resnet20-cifar10", "resnet56-b-cifar100", "mobilenet-cifar100")
SMALL = (120, 140, 180)  # hidden sizes of table 2 for CIFAR-10
CIFAR = [Reconstruction(hidden=hidden) for hidden in (*SMALL, 300)]
DIGITS = [
    Reconstruction("resnet8-digits", hidden, steps=2000, batch=512, lr=1e-2) for hidden in (30, 60, 90)
]


def at_paper_scale(setting: Reconstruction) -> bool:
    """Whether the network is one of the paper's and training as long as there."""
    return setting.network in PAPERS_NETWORKS and setting.steps >= Reconstruction.steps


RECONSTRUCTION = Experiment(
    name="c-reconstruction",
    title="Reconstruction alone, by hidden size",
    grid={"quick": DIGITS, "cpu": [*CIFAR, *DIGITS], "paper": CIFAR},
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=reconstruction.measure,
    at_paper_scale=at_paper_scale,
    check=check,
    stack_size=1,
)

RECONSTRUCTION_CONFIDENCE = replace(
    RECONSTRUCTION,
    name="c-reconstruction-confidence",
    title="Reconstruction alone, image by image",
    measure=confidence.measure,
)
