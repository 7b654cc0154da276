"""Normalisations of the reconstruction loss, and learning rates: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.papers.sane.experiments.base import BASE, SETS, experiment, on
from wsbook.papers.sane.measures import reconstruction
from wsbook.papers.sane.measures.data import zoos_and_fresh
from wsbook.papers.sane.method.losses import NORMALISATIONS
from wsbook.papers.sane.setting import Training


def normalised(profile: str) -> list[Training]:
    """Every normalisation, on the first zoo and on all."""
    return [
        replace(training, normalisation=name)
        for training in (on(profile, SETS[profile][0]), on(profile))
        for name in NORMALISATIONS
    ]


NORMALISATION = experiment(
    "b-normalisation",
    "Reconstruction of networks by the normalisation of its loss",
    normalised,
    reconstruction.measure,
    zoos=zoos_and_fresh,
)

FACTORS = {"quick": (0.3, 1.0, 3.0)}  # of the profile's learning rate
FACTORS |= dict.fromkeys(("cpu", "paper"), (0.1, 0.3, 1.0, 3.0, 10.0))


def at_rates(profile: str) -> list[Training]:
    """Without and with the paper's normalisation, on all zoos, at several learning rates."""
    return [
        replace(on(profile), normalisation=name, lr=factor * BASE[profile].lr)
        for name in ("none", "token")
        for factor in FACTORS[profile]
    ]


LEARNING_RATE = experiment(
    "b-learning-rate",
    "Learning rates of autoencoders, without and with the normalised loss",
    at_rates,
    reconstruction.measure,
    zoos=zoos_and_fresh,
)
