"""The experiments of paper C: which settings and seeds each runs at each profile."""

from collections.abc import Sequence
from dataclasses import replace

from wsbook.nern import direct, first_phase, null, quantised, second_phase, sizes
from wsbook.nern.direct import FOLDS, Alteration
from wsbook.nern.null import Null
from wsbook.nern.setting import EPOCH, Distillation, Reconstruction
from wsbook.nern.sizes import Pair
from wsbook.study.experiment import Experiment

SMALL = (120, 140, 180)  # hidden sizes of table 2 for CIFAR-10
CIFAR = [Reconstruction(hidden=hidden) for hidden in (*SMALL, 300)]
DIGITS = [
    Reconstruction("resnet8-digits", hidden, steps=2000, batch=512, lr=1e-2) for hidden in (30, 60, 90)
]


def at_paper_scale(setting: Reconstruction) -> bool:
    """Whether the network is one of the paper's and training as long as there."""
    return setting.network == "resnet20-cifar10" and setting.steps >= Reconstruction.steps


RECONSTRUCTION = Experiment(
    name="c-reconstruction",
    title="Reconstruction alone, by hidden size",
    grid={"quick": DIGITS, "cpu": [*CIFAR, *DIGITS], "paper": CIFAR},
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=first_phase.measure,
    at_paper_scale=at_paper_scale,
    stack_size=1,
)


def joint(base: Distillation) -> Distillation:
    """NeRN's joint objective, all three losses with its weights, and nothing else changed."""
    return replace(base, reconstruction=1.0, kd=1e-4, fmd=1e-4)


def both(settings: Sequence[Distillation], joint_lr: float | None = None) -> list[Distillation]:
    """Each setting as it is, and with the joint objective, if need be at another learning rate."""
    return [*settings, *(joint(replace(s, lr=joint_lr or s.lr)) for s in settings)]


def second_at_paper_scale(setting: Distillation) -> bool:
    """Whether both phases are as long as the paper's, on one of its networks."""
    first = at_paper_scale(setting.first)
    return first and setting.steps >= 100 * EPOCH and setting.images >= 256


# Below the paper's scale, where both methods train on for the same few steps, both use Adam with gradients
# through all kernels: a Ranger at NeRN's learning rate first destroys what it starts from.
FAIR = {"optimiser": "adam", "batch": 0, "kd": 1.0}
DIGITS_FAIR = FAIR | {
    "network": "resnet8-digits", "first_steps": 2000, "first_batch": 512, "first_lr": 1e-2, "images": 64,
}  # fmt: skip
RATES = (1e-5, 1e-4, 1e-3)
DIGITS_RATES = [Distillation(hidden=30, steps=50, lr=lr, **DIGITS_FAIR) for lr in RATES]
LEARNING_RATE = Experiment(
    name="c-second-lr",
    title="Learning rates of a second training",
    grid={
        "quick": both(DIGITS_RATES),
        "cpu": both(
            [
                *(Distillation(hidden=140, steps=100, images=128, lr=lr, **FAIR) for lr in RATES),
                *DIGITS_RATES,
            ]
        ),
        "paper": both([Distillation(hidden=140, lr=lr, **FAIR) for lr in RATES]),
    },
    seeds={"quick": 1, "cpu": 1, "paper": 3},
    measure=second_phase.measure,
    at_paper_scale=second_at_paper_scale,
    stack_size=1,
)

# Each objective has the rate that did best on validation images in LEARNING_RATE.
DIGITS_SECOND = [Distillation(hidden=hidden, steps=150, lr=1e-4, **DIGITS_FAIR) for hidden in (30, 60)]
CIFAR_SECOND = [Distillation(hidden=hidden, steps=200, images=128, lr=1e-5, **FAIR) for hidden in SMALL]
PAPER_SECOND = [Distillation(hidden=hidden) for hidden in SMALL]
DECOUPLED = Experiment(
    name="c-decoupled",
    title="Decoupled training against NeRN's joint objective",
    grid={
        "quick": both(DIGITS_SECOND, joint_lr=1e-3),
        "cpu": [*both(CIFAR_SECOND, joint_lr=1e-4), *both(DIGITS_SECOND, joint_lr=1e-3)],
        "paper": PAPER_SECOND
        + [joint(replace(setting, first_steps=0, steps=350 * EPOCH)) for setting in PAPER_SECOND],
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=second_phase.measure,
    at_paper_scale=second_at_paper_scale,
    stack_size=1,
)


def with_noise(settings: Sequence[Alteration]) -> list[Alteration]:
    """Each alteration, and noise as large as it."""
    return [*settings, *(replace(setting, noise=1) for setting in settings)]


def alterations(
    network: str, cutoffs: Sequence[float], factors: Sequence[float], planes: Sequence[float] = ()
) -> list[Alteration]:
    """Figures 7 and 8: cut-offs and factors for each block, noise of the same size, and cut-offs of the
    filter in the plane."""
    filters = [Alteration(network, "low-pass", block, d0) for block in BLOCKS for d0 in cutoffs]
    values = [Alteration(network, "singular-values", block, x) for block in BLOCKS for x in factors]
    in_plane = [
        Alteration(network, "low-pass", block, d0, "spatial-2d") for block in BLOCKS for d0 in planes
    ]
    return [*with_noise(filters), *with_noise(values), *in_plane]


BLOCKS = (1, 2, 3)
DIGITS_DIRECT = alterations("resnet8-digits", (4.0, 8.0, 23.53), (0.0, 0.5, 0.9))
SWEEPS = (
    (4.0, 6.0, 8.0, 12.0, 16.0, 23.53),  # D_0; the last is the one the paper names
    (0.0, 0.25, 0.5, 0.75, 0.9),
    (0.75, 1.0, 1.5, 2.0, 4.0),
)
DIRECT = Experiment(
    name="c-direct",
    title="Weights smoothed without a predictor",
    grid={
        "quick": DIGITS_DIRECT,
        "cpu": [*alterations("resnet20-cifar10", *SWEEPS), *DIGITS_DIRECT],
        "paper": [*alterations("resnet20-cifar10", *SWEEPS), *alterations("resnet56-cifar10", *SWEEPS)],
    },
    seeds={"quick": FOLDS, "cpu": FOLDS, "paper": FOLDS},
    measure=direct.measure,
    at_paper_scale=lambda setting: setting.network == "resnet56-cifar10",
    stack_size=FOLDS,
)

PAIRS = [  # the paper's ResNets for CIFAR have 1x1 convolutions for shortcuts; the last four are ours
    *(Pair("resnet20-b", 10, hidden) for hidden in (*SMALL, 300)),
    *(Pair("resnet56-b", 100, hidden) for hidden in (220, 280, 320, 360, 510, 680, 750)),
    *(Pair("resnet18", 1000, hidden) for hidden in (700, 1024, 1372)),
    *(Pair("resnet20", 10, hidden) for hidden in (*SMALL, 300)),
]
SIZES = Experiment(
    name="c-sizes",
    title="Networks and predictors on disk",
    grid={"quick": PAIRS, "cpu": PAIRS, "paper": PAIRS},
    seeds={"quick": 1, "cpu": 1, "paper": 1},
    measure=sizes.measure,
    at_paper_scale=lambda pair: True,
    stack_size=1,
)

INT8 = Experiment(
    name="c-int8",
    title="Accuracy in int8, of networks and predictors",
    grid={
        "quick": both(DIGITS_SECOND[-1:], joint_lr=1e-3),
        "cpu": [*both(CIFAR_SECOND, joint_lr=1e-4), *both(DIGITS_SECOND[-1:], joint_lr=1e-3)],
        "paper": both(PAPER_SECOND),
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=quantised.measure,
    at_paper_scale=second_at_paper_scale,
    stack_size=1,
)

SIZES_OF_NOISE = (0.0033, 0.01)
DIGITS_NULL = [Null("resnet8-digits", size) for size in (0.01, 0.03)]
NULL = Experiment(
    name="c-null",
    title="Noise on all weights, evaluated many times",
    grid={
        "quick": DIGITS_NULL,
        "cpu": [*(Null(size=size) for size in SIZES_OF_NOISE), *DIGITS_NULL],
        "paper": [Null(size=size) for size in SIZES_OF_NOISE],
    },
    seeds={"quick": 30, "cpu": 30, "paper": 350},
    measure=null.measure,
    at_paper_scale=lambda setting: True,
)

EXPERIMENTS = (RECONSTRUCTION, LEARNING_RATE, DECOUPLED, DIRECT, SIZES, INT8, NULL)
