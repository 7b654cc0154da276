"""What cells of paper B are measured on: image sets and networks, with their fingerprints.

A zoo with a damaged shard has fewer networks than its setting asks for. A record says how many there were, and which.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from wsbook.data.registry import load, splits_of
from wsbook.papers.sane.measures.generation import Generation
from wsbook.papers.sane.setting import Training
from wsbook.study.shelf import digest
from wsbook.zoo.archive import members
from wsbook.zoo.setting import Zoo
from wsbook.zoo.tasks import WHOLE
from wsbook.zoo.texts import TEXTS

Zoos = Callable[[Any], Sequence[Zoo]]


def zoos_and_fresh(setting: Training) -> list[Zoo]:
    """The zoos of an autoencoder, and for each the networks like its own that the autoencoder has not seen."""
    return [*setting.zoos, *map(setting.fresh_zoo, setting.zoos)]


def zoos_and_prompts(setting: Generation) -> list[Zoo]:
    """The zoos of an autoencoder, and the networks that prompts are drawn from."""
    return [*setting.zoos, setting.prompt_zoo]


def zoos_alone(setting: Training) -> list[Zoo]:
    """The zoos of an autoencoder."""
    return setting.zoos


def measured_on(zoos: Zoos, setting: Any) -> dict[str, str]:
    """`fingerprints` of the zoos that a setting needs."""
    return fingerprints(zoos(setting))


def fingerprints(zoos: Iterable[Zoo]) -> dict[str, str]:
    """Twelve digits for each split of an image set and for the networks of each zoo: "mnist/train",
    "100 cnn-s for mnist from seed 0"."""
    found: dict[str, str] = {}
    for zoo in zoos:
        found |= of_images(zoo.data) | of_networks(zoo)
    return found


@cache  # as tasks are
def of_images(data: str) -> dict[str, str]:
    """The splits of an image set that its networks are trained and tested on; of text, what it was made from."""
    if data in TEXTS:
        return {data: f"Unicode {unicodedata.unidata_version}"}
    splits = [WHOLE[data]] if data in WHOLE else splits_of(data)
    return {f"{data}/{split}": load(data, split).fingerprint[:12] for split in splits}


def of_networks(zoo: Zoo) -> dict[str, str]:
    """The networks that there are of a zoo, and a digest of their weights after all kept epochs."""
    weights = members(zoo).weights
    name = f"{len(weights)} {zoo.network} for {zoo.data} from seed {zoo.first_seed}"
    return {name: digest({"weights": weights})[:12]}
