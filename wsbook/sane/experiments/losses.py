"""Normalisations of the reconstruction loss, and learning rates: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.sane import rebuilding
from wsbook.sane.experiments.base import BASE, PROFILES, SEEDS, SETS, at_paper_scale, on
from wsbook.sane.losses import NORMALISATIONS
from wsbook.sane.setting import Training
from wsbook.study.experiment import Experiment


def normalised(profile: str) -> list[Training]:
    """Every normalisation, on the first zoo and on all."""
    return [
        replace(training, normalisation=name)
        for training in (on(profile, SETS[profile][0]), on(profile))
        for name in NORMALISATIONS
    ]


NORMALISATION = Experiment(
    name="b-normalisation",
    title="Reconstruction of networks by the normalisation of its loss",
    grid={profile: normalised(profile) for profile in PROFILES},
    seeds=SEEDS,
    measure=rebuilding.measure,
    at_paper_scale=at_paper_scale,
    stack_size=1,
)

FACTORS = {"quick": (0.3, 1.0, 3.0)}  # of the profile's learning rate
FACTORS |= {profile: (0.1, 0.3, 1.0, 3.0, 10.0) for profile in ("cpu", "paper")}


def at_rates(profile: str) -> list[Training]:
    """Without and with the paper's normalisation, on all zoos, at several learning rates."""
    return [
        replace(on(profile), normalisation=name, lr=factor * BASE[profile].lr)
        for name in ("none", "token")
        for factor in FACTORS[profile]
    ]


RATES = Experiment(
    name="b-learning-rate",
    title="Learning rates of autoencoders, without and with the normalised loss",
    grid={profile: at_rates(profile) for profile in PROFILES},
    seeds=SEEDS,
    measure=rebuilding.measure,
    at_paper_scale=at_paper_scale,
    stack_size=1,
)
