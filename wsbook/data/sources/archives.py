"""Files inside tar and zip archives, read without unpacking them to disk."""

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path


def members(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Name and content of the regular files in an archive whose names are `wanted`, by name."""
    read = _zip_members if zipfile.is_zipfile(path) else _tar_members
    return dict(sorted(read(path, wanted).items()))


def _zip_members(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        names = [item.filename for item in archive.infolist() if not item.is_dir()]
        return {name: archive.read(name) for name in names if wanted(name)}


def _tar_members(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    found = {}
    with tarfile.open(path, "r|*") as archive:  # a stream: one pass over a compressed file
        for item in archive:
            if item.isfile() and wanted(item.name):
                found[item.name] = archive.extractfile(item).read()
    return found
