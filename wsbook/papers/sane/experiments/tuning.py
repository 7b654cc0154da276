"""Further training from several starts: which settings and seeds run at each profile."""

from dataclasses import asdict

from wsbook.papers.sane.experiments.base import SETS, UNSEEN, experiment, on
from wsbook.papers.sane.measures import finetuning
from wsbook.papers.sane.measures.finetuning import FineTuning

EFFORT = {
    "quick": {
        "tuned": 3, "rates": "3e-3+1e-2+3e-2", "hyper_steps": 150, "hyper_lr": 1e-2, "candidates": 50, "keep": 3,
    },
    "cpu": {"keep": 5},
    "paper": {},
}  # fmt: skip


def tunings(profile: str) -> list[FineTuning]:
    """From an autoencoder of all sets, for the first of them and for an unseen one, where there is one."""
    targets = (SETS[profile][0], *UNSEEN[profile])
    return [FineTuning(**asdict(on(profile)), target=t, **EFFORT[profile]) for t in targets]


FINETUNING = experiment(
    "b-finetuning",
    "Further training of generated networks and of other starts",
    tunings,
    finetuning.measure,
)
