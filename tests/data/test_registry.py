"""Image sets: what is read is what the fingerprint was taken from, and every fault says so."""

import json
import os

import numpy as np
import pytest
import torch

from wsbook.data import registry
from wsbook.data.imageset import canonical_order, combined, sha256
from wsbook.data.registry import FINGERPRINTS, list_sets, load, verify
from wsbook.errors import StudyError


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """A folder with one small image set, "toys", and its fingerprints."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 4, 4, 3), dtype=np.uint8)
    labels = np.repeat(np.arange(3, dtype=np.uint8), 4)
    images = images[canonical_order(images, labels)]
    (tmp_path / "toys").mkdir()
    np.save(tmp_path / "toys/train_images.npy", images)
    np.save(tmp_path / "toys/train_labels.npy", labels)
    split = {"shape": [12, 4, 4, 3], "images_sha256": sha256(images), "labels_sha256": sha256(labels)}
    spec = {"classes": ["ball", "kite", "top"], "splits": {"train": split}}
    monkeypatch.setitem(FINGERPRINTS, "toys", spec)
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path))
    return tmp_path / "toys"


def damage(path, change):
    array = change(np.load(path))
    np.save(path, array)
    return array


def flip_first_bit(array):
    array.flat[0] ^= 1
    return array


def test_load_returns_the_arrays(toys):
    found = load("toys", "train")
    assert torch.equal(found.images, torch.from_numpy(np.load(toys / "train_images.npy")))
    assert found.labels.dtype == torch.int64 and found.labels.tolist() == sorted([0, 1, 2] * 4)
    assert found.classes == ("ball", "kite", "top")
    spec = FINGERPRINTS["toys"]["splits"]["train"]
    assert found.fingerprint == combined(spec["images_sha256"], spec["labels_sha256"])


@pytest.mark.parametrize("part", ["images", "labels"])
def test_one_flipped_bit_is_named(toys, part):
    path = toys / f"train_{part}.npy"
    expected = FINGERPRINTS["toys"]["splits"]["train"][f"{part}_sha256"]
    damage(path, flip_first_bit)
    found = sha256(np.load(path))
    with pytest.raises(StudyError) as error:
        verify("toys")
    assert str(path) in str(error.value)
    assert expected[:12] in str(error.value) and found[:12] in str(error.value)


def test_damage_after_a_good_load_is_noticed(toys):
    path = toys / "train_images.npy"
    load("toys", "train")
    damage(path, flip_first_bit)
    os.utime(path, ns=(1, 1))
    with pytest.raises(StudyError, match="damaged"):
        load("toys", "train")


def test_a_file_is_hashed_once(toys, monkeypatch):
    hashed = []
    monkeypatch.setattr(registry, "sha256", lambda array: hashed.append(1) or sha256(array))
    load("toys", "train")
    load("toys", "train")
    assert len(hashed) == 2  # images and labels


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda a: a[:-1], "shape"),
        (lambda a: a.astype(np.float32), "float32"),
    ],
)
def test_wrong_shape_or_type(toys, change, message):
    damage(toys / "train_images.npy", change)
    with pytest.raises(StudyError, match=message):
        load("toys", "train")


def test_truncated_file(toys):
    path = toys / "train_images.npy"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(StudyError, match="not a readable"):
        load("toys", "train")


def test_missing_file_names_it(toys):
    (toys / "train_labels.npy").unlink()
    with pytest.raises(StudyError, match="train_labels.npy is missing"):
        load("toys", "train")
    assert not next(entry for entry in list_sets() if entry.name == "toys").present


def test_unknown_set_and_split(toys):
    with pytest.raises(StudyError, match="no image set 'marbles'; choose one of .*toys"):
        load("marbles", "train")
    with pytest.raises(StudyError, match="no split 'test'; choose one of train"):
        load("toys", "test")


def test_variable_not_set_or_wrong(monkeypatch, tmp_path):
    monkeypatch.delenv("WSBOOK_DATA", raising=False)
    monkeypatch.setattr(registry, "default_folder", lambda: tmp_path / "none")
    with pytest.raises(StudyError, match="WSBOOK_DATA is not set"):
        load("mnist", "train")
    assert {entry.name for entry in list_sets() if entry.present} == set(registry.GENERATED)
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(StudyError, match="not a folder"):
        load("mnist", "train")


def test_list_names_what_is_present(toys):
    lines = {entry.name: str(entry) for entry in list_sets()}
    assert "present" in lines["toys"] and "train" in lines["toys"]
    assert "not in WSBOOK_DATA" in lines["cifar10"]


def test_a_part_of_a_set_is_said_to_be_one(toys, monkeypatch):
    spec = {"classes": ["ball", "kite", "top"], "splits": dict(FINGERPRINTS["toys"]["splits"])}
    spec["splits"]["test"] = {"shape": [9, 4, 4, 3]}
    monkeypatch.setitem(FINGERPRINTS, "toys", spec)
    entry = next(entry for entry in list_sets() if entry.name == "toys")
    assert not entry.present and entry.found == ("train",) and str(entry).endswith("only train")
    assert verify("toys") == {"train": "as it should be"}
    with pytest.raises(StudyError, match="test_images.npy is missing.*wsbook data fetch toys"):
        load("toys", "test")


def test_half_a_split_is_not_verified_silently(toys):
    (toys / "train_labels.npy").unlink()
    with pytest.raises(StudyError, match="train_labels.npy is missing"):
        verify("toys")
    (toys / "train_images.npy").unlink()
    with pytest.raises(StudyError, match="train_images.npy is missing"):
        verify("toys")


def test_without_a_published_fingerprint_nothing_is_called_verified(toys, monkeypatch):
    expected = load("toys", "train").fingerprint
    splits = {"train": {"shape": [12, 4, 4, 3]}}
    monkeypatch.setitem(FINGERPRINTS, "toys", {"classes": ["ball", "kite", "top"], "splits": splits})
    assert verify("toys") == {"train": f"no published fingerprint; content hashes to {expected[:12]}"}
    damage(toys / "train_images.npy", flip_first_bit)
    os.utime(toys / "train_images.npy", ns=(2, 2))
    assert load("toys", "train").fingerprint != expected


def test_a_note_does_not_overrule_what_is_published(toys):
    images = damage(toys / "train_images.npy", flip_first_bit)
    labels = np.load(toys / "train_labels.npy")
    found = {"shape": [12, 4, 4, 3], "images_sha256": sha256(images), "labels_sha256": sha256(labels)}
    note = {"classes": [], "splits": {"train": found}}
    (toys / "fingerprints.json").write_text(json.dumps(note))
    os.utime(toys / "train_images.npy", ns=(3, 3))
    with pytest.raises(StudyError, match="damaged"):
        load("toys", "train")


def test_an_unreadable_note(toys, monkeypatch, one_sentence):
    monkeypatch.setitem(FINGERPRINTS, "toys", {"classes": [], "splits": {"train": {}}})
    (toys / "fingerprints.json").write_text("{")
    with pytest.raises(StudyError, match="fingerprints.json is not readable") as error:
        load("toys", "train")
    one_sentence(error.value)


def test_a_note_without_what_it_should_say(toys, monkeypatch, one_sentence):
    monkeypatch.setitem(FINGERPRINTS, "toys", {"classes": [], "splits": {"train": {}}})
    for text in ("{}", "[]"):
        (toys / "fingerprints.json").write_text(text)
        with pytest.raises(StudyError, match="lacks the classes or the splits") as error:
            load("toys", "train")
        one_sentence(error.value)


def test_an_array_with_a_broken_header_and_an_archive_in_its_place(toys, one_sentence):
    path = toys / "train_images.npy"
    whole = path.read_bytes()
    for place in (6, 7, 10, 20):  # version, length and text of the header
        path.write_bytes(whole[:place] + b"\x28" + whole[place + 1 :])
        with pytest.raises(StudyError, match="fetch it again") as error:
            load("toys", "train")
        one_sentence(error.value)
    with path.open("wb") as file:
        np.savez(file, images=np.zeros(3))
    with pytest.raises(StudyError, match="is an archive") as error:
        load("toys", "train")
    one_sentence(error.value)


def test_many_classes_take_two_bytes(toys, monkeypatch):
    monkeypatch.setitem(FINGERPRINTS, "toys", {"classes": [], "splits": {"train": {}}})
    damage(toys / "train_labels.npy", lambda labels: labels.astype(np.uint16) + 300)
    assert load("toys", "train").labels.tolist() == [300] * 4 + [301] * 4 + [302] * 4


def test_labels_must_match_images(toys):
    damage(toys / "train_labels.npy", lambda labels: labels[:-1])
    with pytest.raises(StudyError, match=r"train_labels.npy has the shape \[11\] instead of \[12\]"):
        load("toys", "train")


def test_the_default_folder_follows_the_platform(monkeypatch, tmp_path):
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(registry.Path, "home", lambda: tmp_path)
    for platform, folder in {"win32": "local", "darwin": "Library/Caches", "linux": "xdg"}.items():
        monkeypatch.setattr(registry.sys, "platform", platform)
        assert registry.default_folder() == tmp_path / folder / "wsbook"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert registry.default_folder() == tmp_path / ".cache" / "wsbook"


def test_fingerprints_are_complete():
    for spec in FINGERPRINTS.values():
        for split in spec["splits"].values():
            assert set(split) <= {"shape", "whole", "images_sha256", "labels_sha256"}
            assert ("images_sha256" in split) == ("labels_sha256" in split)
            assert all(len(split[key]) == 4 for key in ("shape", "whole") if key in split)
            assert all(len(value) == 64 for key, value in split.items() if key.endswith("sha256"))
        assert len(set(spec["classes"])) == len(spec["classes"])
    known = {
        name
        for name, spec in FINGERPRINTS.items()
        if any("images_sha256" in s for s in spec["splits"].values())
    }
    assert known == {"cifar10", "cifar100", "mnist", "usps", "fashion-mnist", "eurosat", "kmnist"}


@pytest.mark.skipif("WSBOOK_DATA" not in os.environ, reason="WSBOOK_DATA is not set: no real image sets")
def test_real_sets_are_as_they_should_be():
    for name in [entry.name for entry in list_sets() if entry.found]:
        assert set(verify(name).values()) == {"as it should be"}
