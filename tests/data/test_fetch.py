"""Fetching: what arrives in the folder is what was published, whatever the server and the disk do."""

import builtins
import errno
import gzip
import hashlib
import io
import json
import struct
import tarfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from wsbook.cli import data_fetch, data_list, data_verify
from wsbook.data import fetch as fetching
from wsbook.data import registry
from wsbook.data.digits import digits
from wsbook.data.fetch import fetch
from wsbook.data.imageset import canonical_order, sha256
from wsbook.data.registry import FINGERPRINTS, default_folder, list_sets, load, verify
from wsbook.data.sources import SOURCES, Archive, Source, convert
from wsbook.data.sources.download import CHUNK
from wsbook.errors import StudyError


@dataclass
class Server:
    """A web server of this process, and what it is to do wrong."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut: int | None = None  # break off the next answer after this many bytes
    ranges: bool = True  # whether it can continue
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range
    address: str = ""


def handler(server):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, asked = self.path.lstrip("/").split("?")[0], self.headers.get("Range")
            server.requests.append((path, asked))
            if path not in server.files:
                return self.send_error(404)
            content, start = server.files[path], 0
            if asked and server.ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    return self.send_error(416)
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            cut, server.cut = server.cut, None
            self.wfile.write(content[start:][:cut])

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(server)) as http:
        server.address = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        http.shutdown()


def md5(content):
    return f"md5:{hashlib.md5(content).hexdigest()}"


def cifar_archive(splits):
    """A .tar.gz in the format of CIFAR-10's binary version, train cut into two files."""
    rows = {split: np.concatenate([labels[:, None], images.transpose(0, 3, 1, 2).reshape(len(labels), -1)], 1)
            for split, (images, labels) in splits.items()}  # fmt: skip
    files = {"data_batch_1.bin": rows["train"][:7], "data_batch_2.bin": rows["train"][7:],
             "test_batch.bin": rows["test"], "readme.html": np.zeros(9, np.uint8)}  # fmt: skip
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, array in files.items():
            item = tarfile.TarInfo(f"toys-bin/{name}")
            item.size = array.size
            tar.addfile(item, io.BytesIO(array.tobytes()))
    return packed.getvalue()


def canonical(images, labels):
    order = canonical_order(images, labels)
    return images[order], labels[order]


def spec_of(splits):
    """What fingerprints.json would say of splits in any order."""
    spec = {}
    for split, (images, labels) in splits.items():
        images, labels = canonical(images, labels)
        hashes = {"images_sha256": sha256(images), "labels_sha256": sha256(labels)}
        spec[split] = {"shape": list(images.shape), **hashes}
    return {"classes": ["ball", "kite", "top"], "splits": spec}


@pytest.fixture
def splits():
    rng = np.random.default_rng(0)
    return {
        split: (rng.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8), rng.integers(0, 3, n, dtype=np.uint8))
        for split, n in {"train": 30, "test": 10}.items()
    }


@pytest.fixture
def toys(server, splits, tmp_path, monkeypatch):
    """A published image set "toys" in CIFAR's format, on a server that behaves."""
    archive = cifar_archive(splits)
    server.files["toys.tar.gz"] = archive
    address = Archive(f"{server.address}/toys.tar.gz?download=1", md5(archive))
    monkeypatch.setitem(SOURCES, "toys", Source((address,), convert.cifar))
    monkeypatch.setitem(FINGERPRINTS, "toys", spec_of(splits))
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "toys"


def left_behind(folder):
    """Hidden files and folders that a fetch left among the image sets."""
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_fetched_set_is_canonical_and_verified(toys, splits):
    assert fetch("toys") == f"toys is in {toys} now."
    for split, (images, labels) in splits.items():
        images, labels = canonical(images, labels)
        found = load("toys", split)
        assert np.array_equal(found.images.numpy(), images)
        assert np.array_equal(found.labels.numpy(), labels)
    assert verify("toys") == {"train": "as it should be", "test": "as it should be"}
    assert left_behind(toys.parent) == []


def test_what_is_there_and_sound_is_not_fetched_again(toys, server):
    fetch("toys")
    server.requests.clear()
    assert "already" in fetch("toys")
    assert server.requests == []


def test_what_is_damaged_is_replaced(toys):
    fetch("toys")
    array = np.load(toys / "test_images.npy")
    array.flat[5] ^= 1
    np.save(toys / "test_images.npy", array)
    fetch("toys")
    assert verify("toys")["test"] == "as it should be"
    assert left_behind(toys.parent) == []


def test_what_is_incomplete_is_completed(toys):
    fetch("toys")
    (toys / "train_labels.npy").unlink()
    assert not next(entry for entry in list_sets() if entry.name == "toys").present
    fetch("toys")
    assert verify("toys")["train"] == "as it should be"


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_is_continued(toys, server, one_sentence, ranges):
    size = len(server.files["toys.tar.gz"])
    server.cut, server.ranges = size // 3, ranges
    with pytest.raises(StudyError, match="broke off after .* MiB; run the same command again") as error:
        fetch("toys")
    one_sentence(error.value)
    assert not toys.exists()
    arrived = size // 3 // CHUNK * CHUNK
    assert arrived and left_behind(toys.parent) == [".toys.download"]
    fetch("toys")
    assert server.requests == [("toys.tar.gz", None), ("toys.tar.gz", f"bytes={arrived}-")]
    assert verify("toys")["train"] == "as it should be"


def test_a_download_that_was_complete_but_unchecked_is_used(toys, server):
    part = toys.parent / ".toys.download" / "toys.tar.gz.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(server.files["toys.tar.gz"])
    fetch("toys")
    assert verify("toys")["train"] == "as it should be"


@pytest.mark.parametrize("fault", ["tampered", "short", "resumed onto rubbish"])
def test_other_content_is_refused_and_not_kept(toys, server, one_sentence, fault):
    archive = server.files["toys.tar.gz"]
    if fault == "tampered":
        server.files["toys.tar.gz"] = archive[:100] + bytes([archive[100] ^ 1]) + archive[101:]
    elif fault == "short":
        server.files["toys.tar.gz"] = archive[:-9]
    else:
        part = toys.parent / ".toys.download" / "toys.tar.gz.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(b"rubbish")
    with pytest.raises(StudyError, match="does not have its published hash md5:") as error:
        fetch("toys")
    one_sentence(error.value)
    assert not toys.exists() and not list((toys.parent / ".toys.download").iterdir())
    server.files["toys.tar.gz"] = archive
    fetch("toys")
    assert verify("toys")["train"] == "as it should be"


def test_a_missing_file_is_named(toys, server, one_sentence):
    server.files.clear()
    with pytest.raises(StudyError, match=r"toys.tar.gz.* cannot be had \(HTTP 404\)") as error:
        fetch("toys")
    one_sentence(error.value)
    assert not toys.exists()


def test_no_network(toys, server, monkeypatch, one_sentence):
    nobody = Archive("http://127.0.0.1:9/toys.tar.gz", "md5:0")
    monkeypatch.setitem(SOURCES, "toys", Source((nobody,), convert.cifar))
    with pytest.raises(StudyError, match="could not reach 127.0.0.1:9; check the network") as error:
        fetch("toys")
    one_sentence(error.value)


def test_a_full_disk(toys, monkeypatch, one_sentence):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "write_in_order", full)
    with pytest.raises(StudyError, match="is full; make room") as error:
        fetch("toys")
    one_sentence(error.value)
    assert not toys.exists() and left_behind(toys.parent) == [".toys.download"]


def test_a_disk_that_fills_up_while_downloading(toys, monkeypatch, one_sentence):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("wsbook.data.sources.download.tqdm", full)
    with pytest.raises(StudyError, match="is full; make room") as error:
        fetch("toys")
    one_sentence(error.value)


def test_without_pooch(toys, monkeypatch, one_sentence):
    real = builtins.__import__

    def without(name, *rest):
        if name == "pooch":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StudyError, match="downloads need pooch; run pip install pooch") as error:
        fetch("toys")
    one_sentence(error.value)


def test_content_other_than_the_published_is_refused(toys, monkeypatch, one_sentence):
    spec = json.loads(json.dumps(FINGERPRINTS["toys"]))
    spec["splits"]["test"]["images_sha256"] = "0" * 64
    monkeypatch.setitem(FINGERPRINTS, "toys", spec)
    with pytest.raises(StudyError, match="test split of toys is not what") as error:
        fetch("toys")
    one_sentence(error.value)
    assert not toys.exists()


def test_a_set_without_published_fingerprints_is_held_to_the_fetched_ones(toys, monkeypatch):
    shapes = {split: {"shape": spec["shape"]} for split, spec in FINGERPRINTS["toys"]["splits"].items()}
    monkeypatch.setitem(FINGERPRINTS, "toys", {"classes": ["ball", "kite", "top"], "splits": shapes})
    fetch("toys")
    words = verify("toys")["train"]
    assert words.startswith("no published fingerprint; content hashes to ")
    assert words.endswith(" as when it was fetched")
    array = np.load(toys / "train_images.npy")
    array.flat[0] ^= 1
    np.save(toys / "train_images.npy", array)
    with pytest.raises(StudyError, match="damaged"):
        verify("toys")
    (toys / "fingerprints.json").unlink()
    print_ = load("toys", "train").fingerprint
    assert verify("toys")["train"] == f"no published fingerprint; content hashes to {print_[:12]}"


def test_a_whole_set_of_which_a_part_is_published(toys, monkeypatch):
    spec = json.loads(json.dumps(FINGERPRINTS["toys"]))
    spec["splits"]["train"] |= {"shape": [20, 32, 32, 3], "whole": [30, 32, 32, 3]}
    monkeypatch.setitem(FINGERPRINTS, "toys", spec)
    fetch("toys")
    assert verify("toys")["train"].startswith("no published fingerprint")
    assert verify("toys")["test"] == "as it should be"


def test_idx_files(server, tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    shapes = [(12, 5, 4), (12,), (6, 5, 4), (6,)]
    arrays = [rng.integers(0, 3, shape, dtype=np.uint8) for shape in shapes]
    archives = []
    for number, array in enumerate(arrays):
        header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape)
        content = gzip.compress(header + array.tobytes())
        server.files[f"{number}.gz"] = content
        archives.append(Archive(f"{server.address}/{number}.gz", md5(content)))
    monkeypatch.setitem(SOURCES, "toys", Source(tuple(archives), convert.mnist))
    found = {"train": (arrays[0][..., None], arrays[1]), "test": (arrays[2][..., None], arrays[3])}
    monkeypatch.setitem(FINGERPRINTS, "toys", spec_of(found))
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path))
    fetch("toys")
    assert verify("toys") == {"train": "as it should be", "test": "as it should be"}


@pytest.fixture
def pictures(tmp_path):
    """A user's folder of pictures: two classes, sizes of all kinds, in val only."""
    from PIL import Image

    rng = np.random.default_rng(2)
    for wnid, sizes in {"n02": [(300, 260)], "n01": [(256, 400), (40, 30)]}.items():
        (tmp_path / "own/val" / wnid).mkdir(parents=True)
        for number, size in enumerate(sizes):
            pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "own/val" / wnid / f"{number}.JPEG")
    (tmp_path / "own/val/n01/notes.txt").write_text("not a picture")
    return tmp_path / "own"


def test_a_folder_of_ones_own(pictures, tmp_path, monkeypatch):
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path / "data"))
    fetch("imagenet-folder", pictures)
    found = load("imagenet-folder", "val")
    assert found.images.shape == (3, 224, 224, 3) and found.labels.tolist() == [0, 0, 1]
    assert found.classes == ("n01", "n02")
    entry = next(entry for entry in list_sets() if entry.name == "imagenet-folder")
    assert not entry.present and entry.found == ("val",) and "only val" in str(entry)
    assert list(verify("imagenet-folder")) == ["val"]


def test_a_picture_that_cannot_be_read_is_named(pictures, tmp_path, monkeypatch, one_sentence):
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path / "data"))
    (pictures / "val/n01/7.JPEG").write_bytes(b"no picture")
    with pytest.raises(StudyError, match="n01/7.JPEG is not a readable picture") as error:
        fetch("imagenet-folder", pictures)
    one_sentence(error.value)
    assert left_behind(tmp_path / "data") == []


def test_pictures_are_for_one_set_only(pictures, tmp_path, monkeypatch, one_sentence):
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path / "data"))
    for name, folder in {"imagenet-folder": None, "mnist": pictures}.items():
        with pytest.raises(StudyError, match="give it --pictures") as error:
            fetch(name, folder)
        one_sentence(error.value)
    with pytest.raises(StudyError, match="has no pictures"):
        fetch("imagenet-folder", tmp_path)


def test_the_default_folder(toys, monkeypatch, tmp_path):
    monkeypatch.delenv("WSBOOK_DATA")
    monkeypatch.setattr(registry.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert default_folder() == tmp_path / "caches" / "wsbook"
    with pytest.raises(StudyError, match="WSBOOK_DATA is not set.*wsbook data fetch"):
        load("toys", "train")
    fetch("toys")
    assert load("toys", "train").images.shape == (30, 32, 32, 3)
    assert (tmp_path / "caches/wsbook/toys/train_images.npy").is_file()


def test_a_folder_that_cannot_be_made(toys, monkeypatch, tmp_path, one_sentence):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path / "file"))
    with pytest.raises(StudyError, match="cannot be made a folder") as error:
        fetch("toys")
    one_sentence(error.value)


def test_generated_and_unknown_sets(one_sentence):
    assert "generated" in fetch("digits")
    with pytest.raises(StudyError, match="no image set 'marbles'"):
        fetch("marbles")


def test_the_command_line(toys, capsys, monkeypatch):
    monkeypatch.setattr(registry, "GENERATED", {"digits": digits})
    data_fetch(["toys"])
    data_list()
    data_verify(["toys", "digits"])
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"toys is in {toys} now."
    assert next(line for line in out if line.startswith("toys   ")).split() == [
        "toys", "train,", "test", "present",
    ]  # fmt: skip
    assert "toys train: as it should be" in out
    assert any(line.startswith("digits test: generated; content hashes to ") for line in out)
    data_verify()
    assert "toys test: as it should be" in capsys.readouterr().out


def test_every_downloadable_set_has_addresses_hashes_and_fingerprints():
    assert set(SOURCES) | {fetching.OWN} == set(FINGERPRINTS)
    archives = [archive for source in SOURCES.values() for archive in source.archives]
    assert len({archive.hash for archive in archives}) == len(archives)
    for archive in archives:
        kind, _, digest = archive.hash.partition(":")
        assert kind == "md5" and len(bytes.fromhex(digest)) == 16
        assert archive.url.startswith("http") and "." in archive.name
