"""Residual networks of one zoo or two: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.papers.sane.experiments.base import experiment, generation, on
from wsbook.papers.sane.experiments.transfer import REPEATED, target_unseen
from wsbook.papers.sane.measures import generation as generated
from wsbook.papers.sane.measures.generation import Generation

PAIR = {
    "quick": ("digits", "glyphs-digits"),
    "cpu": ("mnist", "fashion-mnist"),
    "paper": ("cifar10", "eurosat"),
}
NETWORKS = {  # what differs from autoencoders of CNNs; size at `cpu` by validation accuracy of reconstructed networks
    "quick": {
        "network": "resnet-digits",
        "models": 8,
        "fresh": 5,
        "epochs": 3,
        "candidates": 20,
        "keep": 3,
    },
    "cpu": {
        "network": "resnet-small",
        "models": 40,
        "images": 2000,
        "width": 128,
        "latent": 64,
        "lr": 2e-3,
    },
    "paper": {"network": "resnet18", "window": 256},
}


def residual(profile: str) -> list[Generation]:
    """Residual networks of two sets: autoencoders of either zoo and of both, for either set and for an unseen one."""
    pair, targets = PAIR[profile], REPEATED.get(profile, PAIR[profile])
    return [
        replace(generation(profile, on(profile, *names), target), **NETWORKS[profile])
        for target in (*targets, target_unseen(profile))
        for names in (*((name,) for name in pair), pair)
    ]


RESIDUAL = experiment(
    "b-residual",
    "Residual networks for seen and unseen sets, by zoos of one set or two",
    residual,
    generated.measure,
)


def slower(profile: str) -> list[Generation]:
    """The same at half the rate; at `quick` for the unseen set alone."""
    settings = [replace(setting, lr=setting.lr / 2) for setting in residual(profile)]
    return [s for s in settings if profile != "quick" or s.target == target_unseen(profile)]


RESIDUAL_SLOWER = experiment(
    "b-residual-slower",
    "Residual networks for seen and unseen sets, autoencoders trained at half the rate",
    slower,
    generated.measure,
)
