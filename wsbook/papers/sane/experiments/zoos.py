"""Zoos side by side: which settings and seeds run at each profile."""

from functools import partial
from operator import attrgetter

from wsbook.papers.sane.experiments.base import BASE, PROFILES, SETS, UNSEEN
from wsbook.papers.sane.experiments.names import check
from wsbook.papers.sane.measures import zoos
from wsbook.papers.sane.measures.data import measured_on
from wsbook.papers.sane.measures.zoos import Gallery
from wsbook.study.experiment import Experiment

MODELS = {"quick": 20, "cpu": 20, "paper": 1000}  # of each zoo


def gallery(profile: str) -> Gallery:
    """All zoos of a profile."""
    base, sets = BASE[profile], (*SETS[profile], *UNSEEN[profile])
    return Gallery("+".join(sets), base.network, MODELS[profile], base.images, base.epochs, base.kept)


def at_paper_scale(setting: Gallery) -> bool:
    """Whether zoos are as large as the paper's."""
    return setting.models >= MODELS["paper"]


ZOOS = Experiment(
    name="b-zoos",
    title="Zoos of one architecture, side by side",
    grid={profile: [gallery(profile)] for profile in PROFILES},
    seeds={"quick": 1, "cpu": 1, "paper": 1},
    measure=zoos.measure,
    at_paper_scale=at_paper_scale,
    check=check,
    stack_size=1,
    data=partial(measured_on, attrgetter("zoos")),
)
