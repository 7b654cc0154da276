"""What networks and predictors take up, and lose in int8: which settings and seeds run at each profile."""

from wsbook.papers.nern.experiments.decoupled import (
    CIFAR_BOTH,
    DIGITS_JOINT_LR,
    DIGITS_SECOND,
    PAPER_BOTH,
    both,
    second_at_paper_scale,
)
from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.experiments.networks import RESNET56, table_2
from wsbook.papers.nern.experiments.reconstruction import SMALL
from wsbook.papers.nern.measures import int8, sizes
from wsbook.papers.nern.measures.sizes import Pair
from wsbook.study.experiment import Experiment, always

PAIRS = [  # the paper's ResNets for CIFAR have 1x1 convolutions for shortcuts, and the one for ImageNet
    # another order of the kernels; the last four are ours
    *(Pair("resnet20-b", 10, hidden) for hidden in (*SMALL, 300)),
    *(Pair("resnet56-b", 100, hidden) for hidden in (220, 280, 320, 360, 510, 680, 750)),
    *(Pair("resnet18", 1000, hidden, "cross-filter") for hidden in (700, 1024, 1372)),
    *(Pair("resnet20", 10, hidden) for hidden in (*SMALL, 300)),
]
SIZES = Experiment(
    name="c-sizes",
    title="Networks and predictors on disk",
    grid={"quick": PAIRS, "cpu": PAIRS, "paper": PAIRS},
    seeds={"quick": 1, "cpu": 1, "paper": 1},
    measure=sizes.measure,
    at_paper_scale=always,
    check=check,
    stack_size=1,
)

INT8 = Experiment(
    name="c-int8",
    title="Accuracy in int8, of networks and predictors",
    grid={
        "quick": both(DIGITS_SECOND[-1:], DIGITS_JOINT_LR),
        "cpu": [*CIFAR_BOTH, *both(DIGITS_SECOND[-1:], DIGITS_JOINT_LR)],
        "paper": [*PAPER_BOTH, *table_2(RESNET56[280])],
    },
    seeds={"quick": 2, "cpu": 3, "paper": 3},
    measure=int8.measure,
    at_paper_scale=second_at_paper_scale,
    check=check,
    stack_size=1,
)
