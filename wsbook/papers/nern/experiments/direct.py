"""Weights smoothed, and weights with noise: which settings and seeds run at each profile."""

from collections.abc import Sequence
from dataclasses import replace

from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.measures import direct, null
from wsbook.papers.nern.measures.direct import FOLDS, Alteration
from wsbook.papers.nern.measures.null import Null
from wsbook.study.experiment import Experiment, always


def with_noise(settings: Sequence[Alteration], draws: int) -> list[Alteration]:
    """Each alteration, and in each draw a noise as large as it; no number of a noise, and so no direction, occurs
    twice."""
    noises = (
        replace(setting, noise=1 + number + draw * len(settings))
        for draw in range(draws)
        for number, setting in enumerate(settings)
    )
    return [*settings, *noises]


def alterations(
    network: str,
    cutoffs: Sequence[float],
    factors: Sequence[float],
    planes: Sequence[float] = (),
    draws: int = 1,
) -> list[Alteration]:
    """Figures 7 and 8: cut-offs and factors for each block, draws of noise of the same size, and cut-offs of
    the filter in the plane."""
    filters = [Alteration(network, "low-pass", block, d0) for block in BLOCKS for d0 in cutoffs]
    values = [Alteration(network, "singular-values", block, x) for block in BLOCKS for x in factors]
    in_plane = [
        Alteration(network, "low-pass", block, d0, "spatial-2d") for block in BLOCKS for d0 in planes
    ]
    return [*with_noise([*filters, *values], draws), *in_plane]


BLOCKS = (1, 2, 3)
DIGITS_DIRECT = alterations("resnet8-digits", (4.0, 8.0, 23.53), (0.0, 0.5, 0.9))
SWEEPS = (
    (4.0, 6.0, 8.0, 12.0, 16.0, 23.53),  # D_0; the last is the one the paper names
    (0.0, 0.25, 0.5, 0.75, 0.9),
    (0.75, 1.0, 1.5, 2.0, 4.0),
    3,  # draws of noise
)


def on_papers_network(setting: Alteration) -> bool:
    """Whether it is a network of the depth that the paper alters."""
    return setting.network == "resnet56-cifar10"


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
    at_paper_scale=on_papers_network,
    check=check,
    stack_size=FOLDS,
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
    seeds={"quick": 30, "cpu": 60, "paper": 350},  # a first training is evaluated twelve times
    measure=null.measure,
    at_paper_scale=always,
    check=check,
)
