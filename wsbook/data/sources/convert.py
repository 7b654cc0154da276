"""From a set's archives to its splits, in whatever order the archive has."""

import bz2
import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from wsbook.data.sources import formats
from wsbook.data.sources.archives import members
from wsbook.data.sources.pictures import Encoded, Pictures
from wsbook.errors import StudyError

PICTURE_SUFFIXES = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True)
class Converted:
    """What an archive holds."""

    splits: Mapping[str, tuple[np.ndarray | Pictures, np.ndarray]]  # images (N, H, W, C), labels (N,)
    classes: tuple[str, ...] = ()  # of sets whose class names come with the images


Convert = Callable[[Sequence[Path]], Converted]


def cifar(paths: Sequence[Path], label_bytes: int = 1) -> Converted:
    """CIFAR-10 (one label byte) or CIFAR-100 (two, coarse and fine), binary version."""
    files: dict[str, list[bytes]] = {"train": [], "test": []}
    for name, raw in members(paths[0], lambda name: name.endswith(".bin")).items():
        files["test" if "test" in PurePosixPath(name).name else "train"].append(raw)
    return Converted({split: formats.cifar(b"".join(raw), label_bytes) for split, raw in files.items()})


def mnist(paths: Sequence[Path]) -> Converted:
    """Four gzipped IDX files: images and labels of train, images and labels of test."""
    arrays = [formats.idx(gzip.decompress(path.read_bytes())) for path in paths]
    return Converted({
        "train": (arrays[0][..., None], arrays[1]),
        "test": (arrays[2][..., None], arrays[3]),
    })  # fmt: skip


def emnist_letters(paths: Sequence[Path]) -> Converted:
    """The letters of EMNIST: IDX files with transposed images and labels from 1."""
    found = members(paths[0], lambda name: "emnist-letters-t" in name)
    arrays = {PurePosixPath(name).name: formats.idx(gzip.decompress(raw)) for name, raw in found.items()}
    splits = {}
    for split in ("train", "test"):
        images = arrays[f"emnist-letters-{split}-images-idx3-ubyte.gz"]
        labels = arrays[f"emnist-letters-{split}-labels-idx1-ubyte.gz"]
        splits[split] = images.transpose(0, 2, 1)[..., None], labels - 1
    return Converted(splits)


def usps(paths: Sequence[Path]) -> Converted:
    """Train and test, each a bzipped LIBSVM file."""
    splits = [formats.usps(bz2.decompress(path.read_bytes())) for path in paths]
    return Converted(dict(zip(("train", "test"), splits)))


def svhn(paths: Sequence[Path]) -> Converted:
    """Train and test of the cropped digits, each a MATLAB file."""
    splits = [formats.svhn(path.read_bytes()) for path in paths]
    return Converted(dict(zip(("train", "test"), splits)))


def stl10(paths: Sequence[Path]) -> Converted:
    """The labelled part of STL-10."""
    wanted = {f"{split}_{part}.bin" for split in ("train", "test") for part in "Xy"}
    found = members(paths[0], lambda name: PurePosixPath(name).name in wanted)
    files = {PurePosixPath(name).name: raw for name, raw in found.items()}
    return Converted({
        split: formats.stl10(files[f"{split}_X.bin"], files[f"{split}_y.bin"])
        for split in ("train", "test")
    })  # fmt: skip


def is_picture(name: str) -> bool:
    """Whether a file's name ends like that of a picture."""
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES


def labelled(
    files: Sequence[tuple[str, Encoded]], classes: Sequence[str], shorter: int, size: int
) -> tuple[Pictures, np.ndarray]:
    """Pictures and labels of files (class, content), for `classes` in the order of labels."""
    number = {name: label for label, name in enumerate(classes)}
    labels = np.array([number[name] for name, _ in files], np.uint16)
    return Pictures([source for _, source in files], shorter, size), labels


def eurosat(paths: Sequence[Path]) -> Converted:
    """All of EuroSAT's RGB images, CLASS/*.jpg at 64 x 64, averaged over 2 x 2 pixels."""
    found = members(paths[0], is_picture)
    files = [(PurePosixPath(name).parent.name, raw) for name, raw in found.items()]
    pictures, labels = labelled(files, sorted({name for name, _ in files}), 64, 64)
    return Converted({"all": (formats.halved(pictures[np.arange(len(labels))]), labels)})


def imagenette(paths: Sequence[Path], size: int = 160) -> Converted:
    """Imagenette, SPLIT/WNID/*.JPEG: the centre of every picture. Labels follow the sorted WNIDs."""
    files: dict[str, list[tuple[str, Encoded]]] = {"train": [], "val": []}
    for name, raw in members(paths[0], is_picture).items():
        split, wnid = PurePosixPath(name).parts[-3:-1]
        files[split].append((wnid, raw))
    wnids = sorted({wnid for wnid, _ in files["train"]})
    return Converted({split: labelled(part, wnids, size, size) for split, part in files.items()})


def tiny_imagenet(paths: Sequence[Path]) -> Converted:
    """Tiny ImageNet: train/WNID/images/*.JPEG, and val/images/*.JPEG with a table of WNIDs."""
    found = members(paths[0], lambda name: "/train/" in name or "/val/" in name)
    table = next(raw for name, raw in found.items() if name.endswith("val_annotations.txt"))
    wnid_of = dict(line.split("\t")[:2] for line in table.decode().splitlines())
    files: dict[str, list[tuple[str, Encoded]]] = {"train": [], "val": []}
    for name, raw in found.items():
        path = PurePosixPath(name)
        if is_picture(name):
            parent = path.parts[-3]  # a WNID in train, "val" in val
            files["val" if parent == "val" else "train"].append((wnid_of.get(path.name, parent), raw))
    wnids = sorted({wnid for wnid, _ in files["train"]})
    splits = {split: labelled(part, wnids, 64, 64) for split, part in files.items()}
    return Converted(splits, tuple(wnids))


def picture_folder(root: Path, shorter: int = 256, size: int = 224) -> Converted:
    """A folder SPLIT/CLASS/*.JPEG with splits train, val or both, as ImageNet is usually kept.

    Pictures are prepared as for evaluation: shorter side 256, centre 224 x 224.

    Raises
        StudyError: if there is no such picture.
    """
    files: dict[str, list[tuple[str, Encoded]]] = {"train": [], "val": []}
    for path in sorted(root.glob("*/*/*")):
        if is_picture(path.name) and path.parts[-3] in files:
            files[path.parts[-3]].append((path.parent.name, path))
    classes = sorted({name for part in files.values() for name, _ in part})
    if not classes:
        raise StudyError(f"{root} has no pictures train/CLASS/*.JPEG or val/CLASS/*.JPEG.")
    splits = {split: labelled(part, classes, shorter, size) for split, part in files.items() if part}
    return Converted(splits, tuple(classes))
