"""Notes beside the shards of zoos: which zoo a shard is of, and how it came to be.

The file name of a shard is a hash, from which nobody can tell this. A note is its JSON namesake:
`{"zoo": parameters, "source": fingerprint of the code, "provenance": ...}`, the last only if it was written
when the shard was trained.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wsbook.errors import StudyError
from wsbook.study.experiment import parameters
from wsbook.study.fingerprint import fingerprint
from wsbook.zoo.setting import Zoo
from wsbook.zoo.training import train_shard


def note_path(shard: Path) -> Path:
    """Where the note of a shard's file lies."""
    return shard.with_suffix(".json")


def write_note(path: Path, shard: Zoo, provenance: Mapping[str, Any] | None = None) -> None:
    """Note beside the file `path` that today's code made it of the zoo `shard`; whole or not at all.

    Raises
        StudyError: if the disk refuses.
    """
    note = {"zoo": parameters(shard), "source": fingerprint(train_shard)}
    note |= {"provenance": dict(provenance)} if provenance else {}
    part = path.with_suffix(f".note.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(note, indent=1))
        part.replace(note_path(path))
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StudyError(
            f"could not write {note_path(path)} ({error.strerror}); free some space, then run again."
        ) from error


def read_note(path: Path) -> dict[str, Any] | None:
    """The note of the shard's file `path`; None if there is none, or none that can be read."""
    try:
        note = json.loads(note_path(path).read_text())
    except (OSError, ValueError):
        return None
    zoo = note.get("zoo") if isinstance(note, dict) else None
    whole = isinstance(zoo, dict) and {"data", "models", "first_seed"} <= set(zoo) and "source" in note
    return note if whole else None
