"""Image sets by name and split, read from the folder WSBOOK_DATA and checked against fingerprints.

    WSBOOK_DATA/NAME/SPLIT_images.npy    uint8, (N, H, W, C)
    WSBOOK_DATA/NAME/SPLIT_labels.npy    uint8 (uint16 with more than 256 classes), (N,)

Every split is in canonical order (label, then raw bytes), so that the SHA-256 of its raw array
bytes, kept in fingerprints.json, does not depend on where the images came from. For some splits that
file has no SHA-256, because none has been taken from a source beyond doubt; these are held to the one
taken when they were fetched, in NAME/fingerprints.json, if there is one. The sets "digits" and
"glyphs-..." are generated and need no folder.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tokenize import TokenError

import numpy as np
import torch

from wsbook.data.digits import FRACTIONS, digits
from wsbook.data.glyphs import ALPHABETS, glyphs
from wsbook.data.imageset import ImageSet, combined, sha256
from wsbook.errors import StudyError

NOTE = "fingerprints.json"  # also the name of what `fetch` leaves beside the arrays of a set
FINGERPRINTS: dict[str, dict] = json.loads(Path(__file__).with_name(NOTE).read_text())
GENERATED: dict[str, Callable[[str], ImageSet]] = {
    "digits": digits,
    **{f"glyphs-{kind}": partial(glyphs, kind) for kind in ALPHABETS},
}
PARTS = ("images", "labels")


@dataclass(frozen=True)
class Entry:
    """An image set the study knows, and whether it is at hand."""

    name: str
    splits: tuple[str, ...]
    present: bool
    found: tuple[str, ...] = ()  # splits of which the folder has something

    def __str__(self) -> str:
        where = f"only {', '.join(self.found)}" if self.found else "not in WSBOOK_DATA"
        return f"{self.name:16} {', '.join(self.splits):18} {'present' if self.present else where}"


def default_folder() -> Path:
    """Where image sets are kept if WSBOOK_DATA is not set: wsbook in the user's folder of caches."""
    if sys.platform == "win32":
        caches = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        caches = Path.home() / "Library" / "Caches"
    else:
        caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "wsbook"


def data_folder() -> Path:
    """The folder WSBOOK_DATA or, if the variable is not set, the default folder.

    Raises
        StudyError: if the variable names no folder, or is not set and there is no default folder.
    """
    name = os.environ.get("WSBOOK_DATA")
    if not name and default_folder().is_dir():
        return default_folder()
    if not name:
        raise StudyError(
            "WSBOOK_DATA is not set; set it to the folder of the image sets (NAME/SPLIT_images.npy), "
            "or get one with `wsbook data fetch NAME`."
        )
    if not Path(name).is_dir():
        raise StudyError(f"WSBOOK_DATA names {name}, which is not a folder; correct the variable.")
    return Path(name)


def list_sets() -> list[Entry]:
    """All image sets by name; a set is present when the folder has every array of it."""
    folder = Path(os.environ.get("WSBOOK_DATA") or default_folder())
    known = [_entry(folder / name, spec["splits"]) for name, spec in FINGERPRINTS.items()]
    generated = [Entry(name, tuple(FRACTIONS), True) for name in GENERATED]
    return sorted([*known, *generated], key=lambda entry: entry.name)


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
    """One split of an image set, verified against its fingerprints where these are known.

    Raises
        StudyError: for an unknown set or split; if WSBOOK_DATA is not set or lacks the set; if an
            array is damaged or is not the one the fingerprint was taken from.
    """
    if split not in splits_of(name):
        raise StudyError(f"{name} has no split {split!r}; choose one of {', '.join(splits_of(name))}.")
    if name in GENERATED:
        return GENERATED[name](split)
    folder = data_folder() / name
    paths = [folder / f"{split}_{part}.npy" for part in PARTS]
    images, labels = map(_read, paths)
    expected = _expected(folder, split, list(images.shape))
    if labels.shape != images.shape[:1]:
        raise _misshapen(paths[1], list(labels.shape), list(images.shape[:1]))
    digests = [_checked(path, expected.get(f"{part}_sha256")) for part, path in zip(PARTS, paths)]
    return ImageSet(
        torch.from_numpy(images),
        torch.from_numpy(labels).long(),
        tuple(FINGERPRINTS[name]["classes"] or _note(folder)["classes"]),
        combined(*digests),
    )


def verify(name: str) -> dict[str, str]:
    """What comparing every array at hand of a set with its fingerprint shows: split to words.

    Raises
        StudyError: as `load` does, for the first array that differs; if nothing of the set is there.
    """
    if name in GENERATED:
        return {split: f"generated; {_hashes_to(load(name, split))}" for split in splits_of(name)}
    splits_of(name)  # refuses unknown names
    entry = next(entry for entry in list_sets() if entry.name == name)
    return {split: _verdict(name, split) for split in entry.found or entry.splits}


def _entry(folder: Path, spec: dict) -> Entry:
    """Of a split, one array is enough to be found: verifying then names the other one."""
    there = {split: [(folder / f"{split}_{part}.npy").is_file() for part in PARTS] for split in spec}
    found = tuple(split for split, parts in there.items() if any(parts))
    return Entry(folder.name, tuple(spec), all(map(all, there.values())), found)


def _read(path: Path) -> np.ndarray:
    if not path.is_file():
        raise StudyError(
            f"{path} is missing; put the arrays of {path.parent.name} into {path.parent}, point "
            f"WSBOOK_DATA to a folder that has them, or run `wsbook data fetch {path.parent.name}`."
        )
    try:
        array = np.load(path)
    except (ValueError, EOFError, OSError, TokenError) as error:
        raise StudyError(f"{path} is not a readable NumPy array ({error}); fetch it again.") from error
    if not isinstance(array, np.ndarray):
        raise StudyError(f"{path} is an archive, not a NumPy array; fetch it again.")
    if array.dtype not in (np.uint8, np.uint16):
        raise StudyError(f"{path} holds {array.dtype}, not uint8; fetch it again.")
    return array


def _expected(folder: Path, split: str, shape: list[int]) -> dict:
    """What is known of the arrays of a split with images of this shape: published, noted, or neither."""
    published = FINGERPRINTS[folder.name]["splits"][split]
    shapes = [published[key] for key in ("shape", "whole") if key in published]
    if shapes and shape not in shapes:
        raise _misshapen(folder / f"{split}_images.npy", shape, shapes[0])
    if "images_sha256" in published and shape == published["shape"]:
        return published
    return _note(folder)["splits"].get(split, {})


def _misshapen(path: Path, shape: list[int], expected: list[int]) -> StudyError:
    return StudyError(f"{path} has the shape {shape} instead of {expected}; fetch it again.")


def _note(folder: Path) -> dict:
    """What `fetch` noted about a set it put into `folder`."""
    path = folder / NOTE
    if not path.is_file():
        return {"classes": [], "splits": {}}
    try:
        note = json.loads(path.read_text())
    except ValueError as error:
        raise StudyError(f"{path} is not readable ({error}); fetch the set again.") from error
    if not isinstance(note, dict) or not note.keys() >= {"classes", "splits"}:
        raise StudyError(f"{path} lacks the classes or the splits of the set; fetch it again.")
    return note


def _checked(path: Path, expected: str | None) -> str:
    """The fingerprint of an array, compared with the expected one if there is one."""
    status = path.stat()
    found = _fingerprint(path, status.st_size, status.st_mtime_ns)
    if expected and found != expected:
        raise StudyError(
            f"{path} is damaged: expected fingerprint {expected[:12]}, found {found[:12]}; fetch it again."
        )
    return found


@cache  # one hash a file and process: size and time of change stand for its content
def _fingerprint(path: Path, size: int, modified_ns: int) -> str:
    return sha256(np.load(path, mmap_mode="r"))


def _hashes_to(images: ImageSet) -> str:
    return f"content hashes to {images.fingerprint[:12]}"


def _verdict(name: str, split: str) -> str:
    images = load(name, split)
    folder = data_folder() / name
    if _expected(folder, split, list(images.images.shape)) is FINGERPRINTS[name]["splits"][split]:
        return "as it should be"
    as_fetched = " as when it was fetched" if split in _note(folder)["splits"] else ""
    return f"no published fingerprint; {_hashes_to(images)}{as_fetched}"
