"""The zoos and autoencoders that paper B's experiments share, at each profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import chain

from wsbook.papers.sane.experiments.names import check
from wsbook.papers.sane.measures.data import Zoos, measured_on, zoos_and_prompts
from wsbook.papers.sane.measures.generation import Generation
from wsbook.papers.sane.setting import Training
from wsbook.study.experiment import Experiment, Measure

SETS = {
    "quick": ("digits", "glyphs-digits", "glyphs-letters"),
    "cpu": ("mnist", "fashion-mnist", "usps", "cifar10", "eurosat"),
    "paper": ("mnist", "fashion-mnist", "usps", "cifar10", "eurosat"),
}
UNSEEN = {"quick": (), "cpu": ("kmnist",), "paper": ("kmnist",)}  # in no training zoo, at no setting
BASE = {
    "quick": Training(
        network="cnn-digits", models=36, epochs=8, kept=3, fresh=10, token=40, window=64, width=32, heads=2, blocks=1,
        latent=16, steps=150, batch=8, lr=7e-3,
    ),
    "cpu": Training(width=64, steps=1500, batch=8, lr=4e-3),  # rate and batch: by validation accuracy, MNIST
    "paper": Training(
        network="cnn-l", models=1000, images=40_000, epochs=25, token=289, window=93, width=1024, heads=8,
        blocks=8, latent=128, steps=50_000, lr=1e-4, precision="bfloat16",
    ),
}  # fmt: skip
DRAWN = {"quick": {"candidates": 50, "keep": 5}, "cpu": {}, "paper": {}}  # for an image set
PROFILES = tuple(BASE)
SEEDS = {"quick": 1, "cpu": 3, "paper": 3}
MORE_SEEDS = SEEDS | {"cpu": 6}  # where three left a claim open


def on(profile: str, *sets: str) -> Training:
    """The profile's autoencoder on these sets, all of its sets by default."""
    return replace(BASE[profile], data="+".join(sets or SETS[profile]))


def generation(profile: str, training: Training, target: str, **changes: object) -> Generation:
    """Networks for a target, sampled with that autoencoder."""
    return Generation(**asdict(training), target=target, **DRAWN[profile] | changes)


def without(sets: tuple[str, ...], one: str) -> tuple[str, ...]:
    """The other sets, in order."""
    return tuple(name for name in sets if name != one)


def runs_of(sets: tuple[str, ...], count: int) -> list[tuple[str, ...]]:
    """As many choices of `count` neighbours, on a circle, as there are sets; one if these are all."""
    circle = tuple(chain(sets, sets))
    starts = range(len(sets) if count < len(sets) else 1)
    # kept in the order of the profile, so that a choice has one name
    return [tuple(sorted(circle[s : s + count], key=sets.index)) for s in starts]


def at_paper_scale(setting: Training) -> bool:
    """Whether zoos and autoencoder are as large as the references'."""
    return setting.models >= 1000 and setting.width >= 1024


def experiment(
    name: str,
    title: str,
    settings: Callable[[str], Sequence[Training]],
    measure: Measure,
    seeds: Mapping[str, int] = SEEDS,
    zoos: Zoos = zoos_and_prompts,
) -> Experiment:
    """An experiment with the settings of each profile, one cell after the other, measured on these zoos."""
    return Experiment(
        name=name,
        title=title,
        grid={profile: settings(profile) for profile in PROFILES},
        seeds=dict(seeds),
        measure=measure,
        at_paper_scale=at_paper_scale,
        check=check,
        stack_size=1,
        data=partial(measured_on, zoos),
    )
