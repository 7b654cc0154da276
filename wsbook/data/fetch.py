"""Fetch an image set from where it is published, and lay it out as the registry reads it.

Archives are downloaded to .NAME.download in the folder of image sets and converted in a temporary
folder beside it. Only a complete set that agrees with its published fingerprints takes its place. A
note of its fingerprints stays with it, to which splits without published ones are held from then on.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from wsbook.data.imageset import canonical_order, sha256
from wsbook.data.registry import (
    FINGERPRINTS,
    GENERATED,
    NOTE,
    PARTS,
    default_folder,
    list_sets,
    splits_of,
    verify,
)
from wsbook.data.sources import SOURCES
from wsbook.data.sources.convert import Converted, picture_folder
from wsbook.data.sources.download import disk_trouble, download
from wsbook.data.sources.pictures import Pictures
from wsbook.errors import StudyError

OWN = "imagenet-folder"  # the set that is made from pictures the user has


def fetch(name: str, pictures: Path | None = None) -> str:
    """Make an image set present, and say in a sentence what was done.

    A set that is complete and as it should be is left alone (remove its folder to fetch it anew); one
    that is damaged or incomplete is replaced. `imagenet-folder` is made from the user's own folder of
    `pictures`, SPLIT/CLASS/*.JPEG.

    Raises
        StudyError: for an unknown set; for `imagenet-folder` without `pictures`, and for any other
            set with them; if a download fails (see `download`) or its content is not what the
            published fingerprint was taken from; if the disk is full.
    """
    splits_of(name)  # refuses unknown names
    if (name == OWN) != (pictures is not None):
        raise StudyError(f"{OWN}, and no other set, is made from a folder of pictures; give it --pictures.")
    if name in GENERATED:
        return f"{name} is generated and needs no download."
    root = target_folder()
    if is_sound(name):
        return f"{name} is in {root / name} already, and as it should be."
    try:
        convert_into(root, name, pictures)
    except OSError as error:
        raise StudyError(disk_trouble(root, error)) from error
    return f"{name} is in {root / name} now."


def target_folder() -> Path:
    """WSBOOK_DATA, or the default folder if that is not set; made if need be."""
    folder = Path(os.environ.get("WSBOOK_DATA") or default_folder())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(f"{folder} cannot be made a folder ({error.strerror}).") from error
    return folder


def is_sound(name: str) -> bool:
    """Whether every array of a set is there and none is damaged."""
    if not next(entry.present for entry in list_sets() if entry.name == name):
        return False
    try:
        verify(name)
    except StudyError:
        return False
    return True


def convert_into(root: Path, name: str, pictures: Path | None) -> None:
    """Download (unless there are `pictures`), convert, check and put in place the set `name`."""
    downloads = root / f".{name}.download"
    if pictures:
        converted = picture_folder(pictures)
    else:
        source = SOURCES[name]
        converted = source.convert([download(archive, downloads) for archive in source.archives])
    with tempfile.TemporaryDirectory(dir=root, prefix=f".{name}-") as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()
        note = store(fresh, converted)
        agree(name, note["splits"])
        (fresh / NOTE).write_text(json.dumps(note, indent=1))
        if (root / name).exists():
            (root / name).rename(Path(scratch) / "old")
        fresh.rename(root / name)
    shutil.rmtree(downloads, ignore_errors=True)


def store(folder: Path, converted: Converted) -> dict:
    """Write every split in canonical order; returns classes, shapes and fingerprints."""
    splits = {}
    for split, (images, labels) in converted.splits.items():
        paths = [folder / f"{split}_{part}.npy" for part in PARTS]
        np.save(paths[1], np.sort(labels).astype(np.uint8 if labels.max() < 256 else np.uint16))
        write_in_order(paths[0], images, labels)
        arrays = [np.load(path, mmap_mode="r") for path in paths]
        digests = {f"{part}_sha256": sha256(array) for part, array in zip(PARTS, arrays)}
        splits[split] = {"shape": list(images.shape), **digests}
    return {"classes": list(converted.classes), "splits": splits}


def write_in_order(path: Path, images: np.ndarray | Pictures, labels: np.ndarray) -> None:
    """Save images (N, H, W, C) sorted by label, then raw bytes, holding one class in memory at a time."""
    out = np.lib.format.open_memmap(path, "w+", np.uint8, tuple(images.shape))
    start = 0
    for label in np.unique(labels):
        block = np.ascontiguousarray(images[np.flatnonzero(labels == label)])
        out[start : start + len(block)] = block[canonical_order(block, np.zeros(len(block)))]
        start += len(block)
    out.flush()


def agree(name: str, found: dict[str, dict]) -> None:
    """Compare what was fetched with what is published.

    Raises
        StudyError: for a split of another shape or content.
    """
    for split, digests in found.items():
        published = FINGERPRINTS[name]["splits"][split]
        if digests["shape"] == published.get("whole"):
            continue  # of which only a part has a published fingerprint
        if any(digests[key] != value for key, value in published.items() if key != "whole"):
            raise StudyError(
                f"the {split} split of {name} is not what its fingerprint was taken from, although its "
                "archive has the published hash; report this as a fault of the converter."
            )
