"""What zoos lie on the shelf, by the notes beside their shards, and which files belong to none.

Shards that differ only in their models, made by the same code, are one zoo here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.study import shelf
from wsbook.study.fingerprint import fingerprint
from wsbook.zoo.notes import note_path, read_note
from wsbook.zoo.training import train_shard

PREFIX = "zoo-"  # of the files of all shards
MEMBERS = ("models", "first_seed")  # parameters in which the shards of one zoo differ


@dataclass(frozen=True)
class Shard:
    """The file of some models that were trained together."""

    path: Path
    note: Mapping[str, Any]  # as `wsbook.zoo.notes` has it
    accuracy: Tensor | None  # (m, E) on test images, after each kept epoch; None if the file is damaged

    @property
    def seeds(self) -> range:
        """The seeds of its models."""
        first = self.note["zoo"]["first_seed"]
        return range(first, first + self.note["zoo"]["models"])

    @property
    def kind(self) -> tuple[dict[str, Any], str]:
        """What makes it part of a zoo: parameters without the models, and the fingerprint of the code."""
        return {k: v for k, v in self.note["zoo"].items() if k not in MEMBERS}, self.note["source"]


@dataclass(frozen=True)
class ShelvedZoo:
    """All shards of one kind, damaged ones included."""

    shards: tuple[Shard, ...]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the zoo, but for its models."""
        return self.shards[0].kind[0]

    @cached_property
    def id(self) -> str:
        """Six hexadecimal digits that stand for the parameters and the code."""
        return hashlib.sha256(json.dumps(self.shards[0].kind, sort_keys=True).encode()).hexdigest()[:6]

    @property
    def stale(self) -> bool:
        """Whether it was made by other code than today's."""
        return self.shards[0].note["source"] != fingerprint(train_shard)

    @property
    def damaged(self) -> list[Path]:
        """The files that cannot be read."""
        return [shard.path for shard in self.shards if shard.accuracy is None]

    @cached_property
    def accuracy(self) -> dict[int, Tensor]:
        """Test accuracies (E,) of each model, by seed; zoos of different sizes may share models."""
        readable = [shard for shard in self.shards if shard.accuracy is not None]
        found = {seed: row for shard in readable for seed, row in zip(shard.seeds, shard.accuracy)}
        return dict(sorted(found.items()))

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(shard.path.stat().st_size for shard in self.shards)


@dataclass(frozen=True)
class Orphan:
    """A file among those of zoos that is part of none."""

    path: Path
    why: str


def shelved() -> tuple[list[ShelvedZoo], list[Orphan]]:
    """The zoos on the shelf, by image set and size, and the files that belong to none."""
    folders = [folder / "weights" for folder in (shelf.RUNS, shelf.RESULTS)]
    paths = {path.name: path for folder in reversed(folders) for path in folder.glob(f"{PREFIX}*")}
    kinds: dict[str, list[Shard]] = {}
    orphans = []
    for path in sorted(paths.values()):
        found = _classified(path)
        if isinstance(found, Shard):
            kinds.setdefault(json.dumps(found.kind, sort_keys=True), []).append(found)
        elif found:
            orphans.append(found)
    zoos = [ShelvedZoo(tuple(sorted(s, key=lambda shard: shard.seeds.start))) for s in kinds.values()]
    return sorted(zoos, key=lambda zoo: (zoo.parameters["data"], -len(zoo.accuracy), zoo.id)), orphans


def chosen(key: str) -> list[ShelvedZoo]:
    """The zoos of an image set, or the one with an identifier.

    Raises
        StudyError: if there is none.
    """
    zoos = shelved()[0]
    if not (found := [zoo for zoo in zoos if key in (zoo.id, zoo.parameters["data"])]):
        raise StudyError(
            f"there is no zoo {key!r} on the shelf; `wsbook zoo list` names all that there are."
        )
    return found


def only(key: str) -> ShelvedZoo:
    """The one zoo of an image set, or the one with an identifier.

    Raises
        StudyError: if there is none, or the image set has several.
    """
    found = chosen(key)
    if len(found) > 1:
        names = ", ".join(f"{zoo.id} ({len(zoo.accuracy)} models)" for zoo in found)
        raise StudyError(f"there are {len(found)} zoos of {key}; name one of them: {names}.")
    return found[0]


def _classified(path: Path) -> Shard | Orphan | None:
    """A shard, or what else a file is; None for the note of a shard."""
    if path.suffix == ".part":
        return Orphan(path, "left by a run that was cut off, unless one is writing it now")
    if path.suffix == ".json":
        there = path.with_suffix(".safetensors").is_file()
        return None if there else Orphan(path, "the note of a shard that is not there")
    note = read_note(path)
    if note is None:
        unread = "its note cannot be read" if note_path(path).is_file() else "it has no note"
        return Orphan(path, f"{unread}; `wsbook zoo train` of its zoo writes one")
    return Shard(path, note, accuracy_in(path))


def accuracy_in(path: Path) -> Tensor | None:
    """Test accuracies (m, E) in the file of a shard; None if it is damaged."""
    try:
        with safe_open(path, "pt") as file:
            return file.get_tensor("test_accuracy")
    except (SafetensorError, OSError):
        return None
