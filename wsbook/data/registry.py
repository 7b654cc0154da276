"""Image sets by name and split, read from the folder WSBOOK_DATA and checked against fingerprints.

    WSBOOK_DATA/NAME/SPLIT_images.npy    uint8, (N, H, W, C)
    WSBOOK_DATA/NAME/SPLIT_labels.npy    uint8, (N,)

Every split is in canonical order (label, then raw bytes), so that the SHA-256 of its raw array
bytes, kept in fingerprints.json, does not depend on where the images came from. The set "digits"
needs no folder.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from wsbook.data.digits import FRACTIONS, digits
from wsbook.data.imageset import ImageSet, combined, sha256
from wsbook.errors import StudyError

FINGERPRINTS: dict[str, dict] = json.loads(Path(__file__).with_name("fingerprints.json").read_text())


@dataclass(frozen=True)
class Entry:
    """An image set the study knows, and whether it is at hand."""

    name: str
    splits: tuple[str, ...]
    present: bool

    def __str__(self) -> str:
        where = "present" if self.present else "not in WSBOOK_DATA"
        return f"{self.name:14} {', '.join(self.splits):18} {where}"


def data_folder() -> Path:
    """The folder WSBOOK_DATA.

    Raises
        StudyError: if the variable is not set, or names no folder.
    """
    name = os.environ.get("WSBOOK_DATA")
    if not name:
        raise StudyError(
            "WSBOOK_DATA is not set; set it to the folder of the image sets (NAME/SPLIT_images.npy)."
        )
    if not Path(name).is_dir():
        raise StudyError(f"WSBOOK_DATA names {name}, which is not a folder; correct the variable.")
    return Path(name)


def list_sets() -> list[Entry]:
    """All image sets by name; a set is present when WSBOOK_DATA has every array of it."""
    folder = os.environ.get("WSBOOK_DATA")
    known = [
        Entry(name, tuple(spec["splits"]), bool(folder) and _complete(Path(folder) / name, spec))
        for name, spec in FINGERPRINTS.items()
    ]
    return sorted([*known, Entry("digits", tuple(FRACTIONS), True)], key=lambda entry: entry.name)


def splits_of(name: str) -> tuple[str, ...]:
    """Names of the splits of a set.

    Raises
        StudyError: for a set the study does not know.
    """
    known = {entry.name: entry.splits for entry in list_sets()}
    if name not in known:
        raise StudyError(f"there is no image set {name!r}; choose one of {', '.join(known)}.")
    return known[name]


def load(name: str, split: str) -> ImageSet:
    """One split of an image set, verified against its fingerprints.

    Raises
        StudyError: for an unknown set or split; if WSBOOK_DATA is not set or lacks the set; if an
            array is damaged or is not the one the fingerprint was taken from.
    """
    if split not in splits_of(name):
        raise StudyError(f"{name} has no split {split!r}; choose one of {', '.join(splits_of(name))}.")
    if name == "digits":
        return digits(split)
    spec = FINGERPRINTS[name]["splits"][split]
    folder = data_folder() / name
    images = _read(folder / f"{split}_images.npy", spec["shape"], spec["images_sha256"])
    labels = _read(folder / f"{split}_labels.npy", spec["shape"][:1], spec["labels_sha256"])
    return ImageSet(
        torch.from_numpy(images),
        torch.from_numpy(labels).long(),
        tuple(FINGERPRINTS[name]["classes"]),
        combined(spec["images_sha256"], spec["labels_sha256"]),
    )


def verify(name: str) -> None:
    """Compare every array of a set with its fingerprint.

    Raises
        StudyError: as `load` does, for the first array that differs.
    """
    for split in splits_of(name):
        load(name, split)


def _complete(folder: Path, spec: dict) -> bool:
    parts = ("images", "labels")
    return all((folder / f"{split}_{part}.npy").is_file() for split in spec["splits"] for part in parts)


def _read(path: Path, shape: list[int], expected: str) -> np.ndarray:
    if not path.is_file():
        raise StudyError(
            f"{path} is missing; put the arrays of {path.parent.name} into {path.parent} "
            "or point WSBOOK_DATA to a folder that has them."
        )
    try:
        array = np.load(path)
    except (ValueError, EOFError, OSError) as error:
        raise StudyError(f"{path} is not a readable NumPy array ({error}); fetch it again.") from error
    if array.dtype != np.uint8 or list(array.shape) != shape:
        raise StudyError(
            f"{path} holds {array.dtype} of shape {array.shape}, not uint8 of {tuple(shape)}; "
            "fetch it again."
        )
    status = path.stat()
    found = _fingerprint(path, status.st_size, status.st_mtime_ns)
    if found != expected:
        raise StudyError(
            f"{path} is damaged: expected fingerprint {expected[:12]}, found {found[:12]}; fetch it again."
        )
    return array


@cache  # one hash a file and process: size and time of change stand for its content
def _fingerprint(path: Path, size: int, modified_ns: int) -> str:
    return sha256(np.load(path, mmap_mode="r"))
