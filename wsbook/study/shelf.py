"""Tensors too large for a record, in safetensors files: finished ones, and checkpoints of long cells.

A file is found by what made it: a name, the setting, the seed, and the fingerprint of the code.
Checkpoints lie in RUNS/checkpoints and vanish when their cell is recorded. Finished tensors lie in
RUNS/weights, and those worth keeping are committed in RESULTS/weights.
"""

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.study.experiment import parameters
from wsbook.study.places import RESULTS, RUNS
from wsbook.study.record import cell_key
from wsbook.study.sources import fingerprint

Tensors = dict[str, Tensor]


def shelf_name(setting: Any, seed: int, module: str) -> str:
    """File name for what the code of `module` makes of a setting and a seed."""
    what = type(setting).__name__ + cell_key(parameters(setting), seed) + fingerprint(module)
    return f"{module.split('.')[-1]}-{hashlib.sha256(what.encode()).hexdigest()[:12]}.safetensors"


def write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a safetensors file whole or not at all.

    Raises
        StudyError: if the disk refuses; an earlier file of that name is then intact.
    """
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        raise StudyError(f"could not write {path} ({error}); free some space, then run again.") from error


def read(path: Path) -> Tensors:
    """The tensors of a file.

    Raises
        StudyError: if it is damaged.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise StudyError(f"{path} is damaged ({error}); delete it, then run again.") from error


def find(name: str) -> Tensors | None:
    """Finished tensors by file name, of this machine or committed; None if there are none."""
    for directory in (RUNS, RESULTS):
        if (path := directory / "weights" / name).is_file():
            return read(path)
    return None


def keep(name: str, tensors: Mapping[str, Tensor]) -> None:
    """Put finished tensors on the shelf of this machine."""
    write(RUNS / "weights" / name, tensors)


class Checkpoint:
    """The state of a long cell, saved now and then."""

    def __init__(self, name: str, every: float = 60.0):
        self.path, self.every = RUNS / "checkpoints" / name, every
        self.saved = time.monotonic()

    def load(self) -> Tensors | None:
        """The last state saved, if any."""
        return read(self.path) if self.path.is_file() else None

    def due(self) -> bool:
        """Whether `every` seconds have gone by since the last save."""
        return time.monotonic() - self.saved >= self.every

    def save(self, tensors: Mapping[str, Tensor]) -> None:
        """Replace the state."""
        write(self.path, tensors)
        self.saved = time.monotonic()

    def discard(self) -> None:
        """Forget the state: the cell is done."""
        self.path.unlink(missing_ok=True)
