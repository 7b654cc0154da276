"""Bits a weight against accuracy: which networks, methods and levels are measured at each profile."""

from dataclasses import replace

from wsbook.errors import StudyError
from wsbook.papers.across.measures import rate
from wsbook.papers.across.setting import Rate, draws
from wsbook.papers.nern.experiments.names import kernels
from wsbook.study.experiment import Experiment, always
from wsbook.study.limits import check_name

NETWORKS = (
    "resnet20-cifar10",
    "resnet56-cifar10",
    "resnet8-digits",
    "resnet8-wide-digits",
)  # 3x3 kernels alone

ROUNDED = [
    *(Rate(method=method) for method in ("float16", "bfloat16")),
    *(Rate(method="nearest", bits=bits) for bits in (8, 6, 5, 4, 3, 2, 1)),
    *(Rate(method="compensated", bits=bits) for bits in (6, 4, 3, 2, 1)),
    *(
        Rate(method="pruned", share=share, bits=bits)
        for share, bits in ((0.8, 5), (0.6, 5), (0.5, 4), (0.4, 4), (0.3, 4), (0.2, 4), (0.1, 3))
    ),
]
KERNELS = [
    *(Rate(method="kmeans", size=size) for size in (64, 256, 1024, 4096)),
    *(Rate(method="product", size=size) for size in (16, 64, 256, 1024)),
    *(Rate(method="kernel-svd", rank=rank, bits=bits) for rank, bits in ((3, 3), (5, 4), (7, 5), (9, 5))),
    *(
        Rate(method="layer-svd", share=share, bits=bits)
        for share, bits in ((0.1, 4), (0.3, 4), (0.5, 5), (0.7, 5))
    ),
    *(
        Rate(method="dictionary", size=size, rank=rank, bits=bits)
        for size, rank, bits in (
            (64, 1, 3),
            (256, 1, 3),
            (256, 2, 3),
            (256, 3, 4),
            (256, 4, 4),
            (256, 5, 5),
        )
    ),
]
PREDICTORS = [
    Rate(method="predictor", size=size, bits=bits) for size in (120, 140, 180) for bits in (16, 8, 6)
]
DEEPER = [
    replace(setting, network="resnet56-cifar10")
    for setting in (
        Rate(method="float16"),
        *(Rate(method=method, bits=bits) for method in ("nearest", "compensated") for bits in (4, 3, 2)),
        Rate(method="pruned", share=0.4, bits=4),
        Rate(method="product", size=256),
        Rate(method="dictionary", size=256, rank=3, bits=4),
    )
]
DIGITS = [
    replace(setting, network="resnet8-digits")
    for setting in (
        Rate(method="float16"),
        *(Rate(method=method, bits=bits) for method in ("nearest", "compensated") for bits in (4, 3, 2)),
        *(Rate(method="pruned", share=share, bits=4) for share in (0.5, 0.3, 0.1)),
        *(Rate(method="kmeans", size=size) for size in (16, 64, 256)),
        *(Rate(method="product", size=size) for size in (16, 64)),
        Rate(method="kernel-svd", rank=5, bits=4),
        Rate(method="layer-svd", share=0.5, bits=5),
        *(Rate(method="dictionary", size=64, rank=rank, bits=4) for rank in (1, 3)),
        *(Rate(method="predictor", size=60, bits=bits) for bits in (16, 8)),
    )
]
CIFAR = [*ROUNDED, *PREDICTORS, *KERNELS, *DEEPER]


def check(setting: Rate) -> None:
    """Raise a StudyError for an unknown network, or for more centroids or atoms than it has kernels."""
    check_name("network", setting.network, NETWORKS)
    if setting.method != "predictor" and setting.size > (most := kernels(setting.network)):
        raise StudyError(f"parameter size is {setting.size}, but {setting.network} has {most} kernels.")


RATE = Experiment(
    name="x-rate",
    title="Bits a weight on disk against accuracy",
    grid={"quick": DIGITS, "cpu": [*CIFAR, *DIGITS], "paper": CIFAR},
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=rate.measure,
    at_paper_scale=always,
    stack_size=1,
    check=check,
    draws=draws,
)
