"""Where image sets are published: official addresses, the archives' published hashes, converters."""

from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from wsbook.data.sources import convert
from wsbook.data.sources.convert import Convert


@dataclass(frozen=True)
class Archive:
    """A file on a server."""

    url: str
    hash: str  # "md5:..." or "sha256:...", as its publisher states it

    @property
    def name(self) -> str:
        return PurePosixPath(urlsplit(self.url).path).name


@dataclass(frozen=True)
class Source:
    """The archives of an image set, and how to read them."""

    archives: tuple[Archive, ...]
    convert: Convert


def idx_source(base: str, hashes: tuple[str, str, str, str]) -> Source:
    """MNIST and its relatives: four files of equal names, in the order of `convert.mnist`."""
    files = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    archives = [Archive(f"{base}{file}-ubyte.gz", f"md5:{md5}") for file, md5 in zip(files, hashes)]
    return Source(tuple(archives), convert.mnist)


def source(converter: Convert, *archives: tuple[str, str]) -> Source:
    """A source from pairs of address and MD5."""
    return Source(tuple(Archive(url, f"md5:{md5}") for url, md5 in archives), converter)


TORONTO = "https://www.cs.toronto.edu/~kriz/"
LIBSVM = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/"
HOUSE_NUMBERS = "http://ufldl.stanford.edu/housenumbers/"

SOURCES: dict[str, Source] = {
    "cifar10": source(
        convert.cifar, (f"{TORONTO}cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530")
    ),
    "cifar100": source(
        partial(convert.cifar, label_bytes=2),
        (f"{TORONTO}cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"),
    ),
    "emnist-letters": source(
        convert.emnist_letters,
        ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e"),
    ),
    "eurosat": source(
        convert.eurosat,
        (
            "https://zenodo.org/records/7711810/files/EuroSAT_RGB.zip?download=1",
            "f46e308c4d50d4bf32fedad2d3d62f3b",
        ),
    ),
    "fashion-mnist": idx_source(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    ),
    "imagenette": source(
        convert.imagenette,
        (
            "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
            "e793b78cc4c9e9a4ccc0c1155377a412",
        ),
    ),
    "kmnist": idx_source(
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
    ),
    "mnist": idx_source(  # PyTorch's mirror of the original files
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    ),
    "stl10": source(
        convert.stl10,
        (
            "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
            "91f7769df0f17e558f3565bffb0c7dfb",
        ),
    ),
    "svhn": source(
        convert.svhn,
        (f"{HOUSE_NUMBERS}train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"),
        (f"{HOUSE_NUMBERS}test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3"),
    ),
    "tiny-imagenet": source(
        convert.tiny_imagenet,
        ("http://cs231n.stanford.edu/tiny-imagenet-200.zip", "90528d7ca1a48142e341f4ef8d21d0de"),
    ),
    "usps": source(
        convert.usps,
        (f"{LIBSVM}usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197"),
        (f"{LIBSVM}usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118"),
    ),
}
