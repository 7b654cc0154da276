"""Trained networks by name: where they come from, and which images they select on."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from wsbook.data.imageset import image_set
from wsbook.errors import StudyError
from wsbook.nets import library, originals
from wsbook.nets.resnet import ResNet
from wsbook.nets.sgd import LongRecipe
from wsbook.study import shelf


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A small network and random images in place of CIFAR-100's, a shelf of its own, and a short recipe."""
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shelf, "RESULTS", tmp_path / "results")
    monkeypatch.setitem(library.NETWORKS, "small", library.Entry(lambda k, c: ResNet(8, k, c, (2, 3, 4))))
    monkeypatch.setitem(originals.ORIGINALS, "small-noise", originals._long)
    monkeypatch.setattr(originals, "LONG_RECIPE", LongRecipe(epochs=2, batch=8, lr=0.01))

    def load(name: str, split: str):
        generator = np.random.default_rng(len(split))
        pixels = generator.integers(256, size=(60, 8, 8, 3), dtype=np.uint8)
        return image_set(pixels, np.repeat(np.arange(3), 20), ("a", "b", "c"))

    monkeypatch.setattr(originals, "load", load)
    caches = (originals.original, originals._images, originals._inputs)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path / "runs"
    for cached in caches:
        cached.cache_clear()


def test_a_network_is_trained_once_and_then_found(small, monkeypatch):
    first = originals.original("small-noise")
    assert not first.net.training and first.net.linear.out_features == 3
    assert len(list((small / "weights").iterdir())) == 1 and not list((small / "checkpoints").iterdir())
    originals.original.cache_clear()
    monkeypatch.setattr(originals, "train_long", None)  # would fail if called
    assert originals.original("small-noise").fingerprint == first.fingerprint


def test_its_training_goes_on_from_a_checkpoint(small, monkeypatch):
    whole = originals.original("small-noise").fingerprint
    for path in (small / "weights").iterdir():
        path.unlink()
    originals.original.cache_clear()
    train = originals.train_long

    def interrupted(*arguments, save, **options):
        def save_and_stop(tensors):
            save(tensors)
            raise KeyboardInterrupt

        train(*arguments, save=save_and_stop, every=3, **options)

    monkeypatch.setattr(originals, "train_long", interrupted)
    with pytest.raises(KeyboardInterrupt):
        originals.original("small-noise")
    assert len(list((small / "checkpoints").iterdir())) == 1
    monkeypatch.setattr(originals, "train_long", train)
    assert originals.original("small-noise").fingerprint == whole


def test_a_tenth_of_each_class_is_held_out_of_training(small):
    train, val = (originals._images("noise", part) for part in ("train", "val"))
    assert val.labels.bincount().tolist() == [2, 2, 2] and train.labels.bincount().tolist() == [18, 18, 18]
    together = torch.cat([train.images, val.images]).flatten(1).tolist()
    assert len({tuple(row) for row in together}) == 60


def test_unknown_networks_and_parts_are_refused():
    with pytest.raises(
        StudyError, match="no trained network 'resnet9-cifar10'; choose one of resnet20-cifar10"
    ):
        originals.original("resnet9-cifar10")
    with pytest.raises(StudyError, match="parts train, val and test, not 'tests'"):
        originals._images("digits", "tests")


@pytest.fixture
def weights(monkeypatch, tmp_path):
    """The file that ResNet-20 is read from, in a folder of its own."""
    monkeypatch.setenv("WSBOOK_DATA", str(tmp_path))
    (tmp_path / "weights").mkdir()
    originals.original.cache_clear()
    yield tmp_path / "weights" / "resnet20-cifar10.safetensors"
    originals.original.cache_clear()


def test_another_network_under_the_name_of_an_original_is_refused(weights, one_sentence):
    save_file(ResNet(20).state_dict(), weights)
    with pytest.raises(StudyError, match="another network's than the records") as error:
        originals.original("resnet20-cifar10")
    one_sentence(error.value)


def test_damaged_weights_of_an_original_are_named(weights, one_sentence):
    weights.write_bytes(b"no weights")
    with pytest.raises(StudyError, match="resnet20-cifar10 in .* cannot be read") as error:
        originals.original("resnet20-cifar10")
    one_sentence(error.value)
