"""What the contrastive loss does to reconstruction: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.sane import rebuilding
from wsbook.sane.experiments.base import experiment
from wsbook.sane.experiments.domains import architectures
from wsbook.sane.measured_on import zoos_and_fresh
from wsbook.sane.setting import Training

MORE_SEEDS = {"quick": 1, "cpu": 8, "paper": 8}  # since trainings collapse now and then


def with_and_without(profile: str) -> list[Training]:
    """The autoencoder that all architectures share, without contrast and with it."""
    *_, together = architectures(profile)
    return [replace(together, contrast=0.0), together]


CONTRAST = experiment(
    "b-contrast",
    "A shared autoencoder without and with contrast",
    with_and_without,
    rebuilding.measure,
    MORE_SEEDS,
    zoos_and_fresh,
)
