"""Tensors too large for a record, in safetensors files: finished ones, and checkpoints of long cells.

A file is found by what made it: a word, the setting, the seed, and the fingerprint of the code. It carries
a digest of its tensors, and on which devices they were. Checkpoints lie in RUNS/checkpoints and vanish when
their cell is recorded. Finished tensors lie in RUNS/weights, and those worth keeping are committed in
RESULTS/weights.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.study.experiment import parameters
from wsbook.study.fingerprint import fingerprint
from wsbook.study.places import RESULTS, RUNS
from wsbook.study.record import cell_key

Tensors = dict[str, Tensor]
Maker = TypeVar("Maker", bound=Callable)

# checkpoints that wait for their cells to be recorded; None where there is nothing to wait for
_waiting: ContextVar[set[Path] | None] = ContextVar("_waiting", default=None)
# where cells are measured now; None where that is not known
_device: ContextVar[str | None] = ContextVar("_device", default=None)


MAKERS: dict[str, Callable] = {}  # of what lies on the shelf, by the word that its files begin with


def kept_as(word: str) -> Callable[[Maker], Maker]:
    """Mark the function that makes what lies on the shelf under a word: its files are found by its code."""

    def noted(maker: Maker) -> Maker:
        MAKERS[word] = maker
        return maker

    return noted


def code_of(word: str) -> str:
    """Fingerprint of the code that makes what lies on the shelf under a word."""
    return fingerprint(MAKERS[word])


def shelf_name(word: str, setting: Any, seed: int, of: str = "") -> str:
    """File name for what the maker under a word makes of a setting and a seed; `of` says what else it makes it of."""
    what = cell_key(parameters(setting), seed) + code_of(word) + of
    return f"{word}-{hashlib.sha256(what.encode()).hexdigest()[:12]}.safetensors"


def write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a safetensors file whole or not at all.

    Raises
        StudyError: if the disk refuses; an earlier file of that name is then intact.
    """
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(whole, part, notes(whole))
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        raise StudyError(f"could not write {path} ({error}); free some space, then run again.") from error


def notes(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """What a file tells of its tensors: their digest, their devices, and where its cell was measured if that is known."""
    found = {"digest": digest(tensors), "devices": json.dumps(devices(tensors))}
    return found | ({"measured_on": _device.get()} if _device.get() else {})


def digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of the names, types, shapes and bytes of tensors."""
    found = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


def devices(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """Where the tensors are that are not on the CPU."""
    return {name: str(tensor.device) for name, tensor in tensors.items() if tensor.device.type != "cpu"}


def read(path: Path) -> Tensors:
    """The tensors of a file, held to its digest if it has one; on the CPU.

    Raises
        StudyError: if it is damaged.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Tensors, dict[str, str]]:
    try:
        with safe_open(path, "pt") as file:
            # copies, since results may depend in their last bits on where in a file a tensor lies
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            noted = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise StudyError(f"{path} is damaged ({error}); delete it, then run again.") from error
    if "digest" in noted and noted["digest"] != digest(tensors):
        raise StudyError(f"{path} is damaged (its digest does not fit); delete it, then run again.")
    return tensors, noted


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
        """The last state saved, if any, each tensor on the device where it was, if that is here.

        Raises
            StudyError: if it is damaged, or of a cell that was measured on another kind of device, whose random
                numbers are others.
        """
        if not self.path.is_file():
            return None
        tensors, noted = _read(self.path)
        here, there = _device.get(), noted.get("measured_on")
        if here and there and here != there:
            raise StudyError(
                f"{self.path} was begun with --device {there}; go on with that, or delete the file to begin anew."
            )
        for name, device in json.loads(noted.get("devices", "{}")).items():
            if torch.cuda.is_available() or not device.startswith("cuda"):
                tensors[name] = tensors[name].to(device)
        return tensors

    def due(self) -> bool:
        """Whether `every` seconds have gone by since the last save."""
        return time.monotonic() - self.saved >= self.every

    def save(self, tensors: Mapping[str, Tensor]) -> None:
        """Replace the state."""
        write(self.path, tensors)
        self.saved = time.monotonic()

    def discard(self) -> None:
        """Forget the state; within `recording`, once that has ended well."""
        if (waiting := _waiting.get()) is None:
            self.path.unlink(missing_ok=True)
        else:
            waiting.add(self.path)


@contextmanager
def recording(device: str) -> Iterator[None]:
    """While a cell is measured on a device and recorded: the checkpoints that it discards outlive a record that
    fails, and those it goes on from were begun on that device."""
    before, elsewhere = _waiting.set(set()), _device.set(device)
    try:
        yield
        for path in _waiting.get():
            path.unlink(missing_ok=True)
    finally:
        _waiting.reset(before)
        _device.reset(elsewhere)
