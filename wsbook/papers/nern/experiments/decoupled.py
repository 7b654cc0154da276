"""Second trainings, on images: which settings and seeds run at each profile."""

from collections.abc import Sequence
from dataclasses import replace

from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.experiments.reconstruction import PAPERS_NETWORKS, SMALL
from wsbook.papers.nern.measures import distillation
from wsbook.papers.nern.setting import EPOCH, Distillation, Reconstruction
from wsbook.study.experiment import Experiment


def joint(base: Distillation) -> Distillation:
    """NeRN's joint objective, all three losses with its weights, and nothing else changed."""
    return replace(base, reconstruction=1.0, kd=1e-4, fmd=1e-4)


def both(settings: Sequence[Distillation], joint_lr: float | None = None) -> list[Distillation]:
    """Each setting as it is, and with the joint objective, if need be at another learning rate."""
    return [*settings, *(joint(replace(s, lr=joint_lr or s.lr)) for s in settings)]


def second_at_paper_scale(setting: Distillation) -> bool:
    """Whether all phases are as long as the paper's, on one of its networks: NeRN's joint objective trains a fresh
    predictor, decoupled training one that reconstruction alone has trained."""
    if setting.images < 256 or setting.network not in PAPERS_NETWORKS:
        return False
    if setting.reconstruction:
        return not setting.first_steps and setting.steps >= Reconstruction.steps
    return setting.first_steps >= Reconstruction.steps and setting.steps >= 100 * EPOCH


# Below the paper's scale, where both methods train on for the same few steps, both use Adam with gradients
# through all kernels: a Ranger at NeRN's learning rate first destroys what it starts from.
FAIR = {"optimiser": "adam", "batch": 0, "kd": 1.0}
DIGITS_FAIR = FAIR | {
    "network": "resnet8-digits", "first_steps": 2000, "first_batch": 512, "first_lr": 1e-2, "images": 64,
}  # fmt: skip
RATES = (1e-5, 1e-4, 1e-3)
DIGITS_RATES = [Distillation(hidden=30, steps=50, lr=lr, **DIGITS_FAIR) for lr in RATES]
SHORT = Distillation(hidden=140, steps=100, images=128, **FAIR)
AROUND_BEST = [  # of each objective; with one seed, rates further away did worse
    *(replace(SHORT, lr=lr) for lr in (3e-6, 1e-5, 3e-5, 1e-4)),
    *(joint(replace(SHORT, lr=lr)) for lr in (1e-4, 3e-4, 1e-3, 3e-3)),
]
SECOND_LR = Experiment(
    name="c-second-lr",
    title="Learning rates of a second training",
    grid={
        "quick": both(DIGITS_RATES),
        "cpu": [*AROUND_BEST, *both(DIGITS_RATES)],
        "paper": both([Distillation(hidden=140, lr=lr, **FAIR) for lr in RATES]),
    },
    seeds={"quick": 1, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)

# Each objective has the rate that did best on validation images in SECOND_LR, and in DECOUPLED the next lower
# one too: the joint objective's best once destroyed a smaller predictor, and a larger one may need less.
DECOUPLED_LR, CALM_DECOUPLED_LR = 3e-5, 1e-5
JOINT_LR, CALM_JOINT_LR = 1e-3, 3e-4
DIGITS_LR, DIGITS_JOINT_LR = 1e-4, 1e-3
DIGITS_SECOND = [Distillation(hidden=hidden, steps=150, lr=DIGITS_LR, **DIGITS_FAIR) for hidden in (30, 60)]
CIFAR_SECOND = [
    Distillation(hidden=hidden, steps=200, images=128, lr=DECOUPLED_LR, **FAIR) for hidden in SMALL
]
CIFAR_BOTH = [
    *both(CIFAR_SECOND, JOINT_LR),
    *(joint(replace(setting, lr=CALM_JOINT_LR)) for setting in CIFAR_SECOND),
]
PAPER_SECOND = [Distillation(hidden=hidden) for hidden in SMALL]
PAPER_BOTH = [
    *PAPER_SECOND,
    *(joint(replace(setting, first_steps=0, steps=350 * EPOCH)) for setting in PAPER_SECOND),
]
DECOUPLED = Experiment(
    name="c-decoupled",
    title="Decoupled training against NeRN's joint objective",
    grid={
        "quick": both(DIGITS_SECOND, DIGITS_JOINT_LR),
        "cpu": [
            *CIFAR_BOTH,
            *(replace(setting, lr=CALM_DECOUPLED_LR) for setting in CIFAR_SECOND),
            *both(DIGITS_SECOND, DIGITS_JOINT_LR),
        ],
        "paper": PAPER_BOTH,
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)


def warmed(settings: Sequence[Distillation]) -> list[Distillation]:
    """Each setting with a learning rate that rises over the first tenth of the steps."""
    return [replace(setting, warmup=setting.steps // 10) for setting in settings]


WARMUP = Experiment(
    name="c-warmup",
    title="Second trainings with a warm-up",
    grid={
        "quick": warmed(both(DIGITS_SECOND[:1], DIGITS_JOINT_LR)),
        "cpu": warmed([*both(CIFAR_SECOND, JOINT_LR), *both(DIGITS_SECOND[:1], DIGITS_JOINT_LR)]),
        "paper": warmed(PAPER_BOTH),
    },
    seeds={"quick": 1, "cpu": 3, "paper": 3},
    measure=distillation.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)
