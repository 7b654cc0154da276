"""Glyphs: the same images every time, no typeface in two splits, and letters one can tell apart."""

import builtins

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from wsbook.data import glyphs as module
from wsbook.data.glyphs import ALPHABETS, FONTS, contours, draw, filled, glyphs, outline
from wsbook.data.imageset import canonical_order
from wsbook.data.registry import list_sets, load, splits_of
from wsbook.errors import StudyError


@pytest.mark.parametrize("kind", ALPHABETS)
def test_sets_are_of_the_right_size_and_canonical(kind):
    sizes = {}
    for split in FONTS:
        found = load(f"glyphs-{kind}", split)
        sizes[split] = len(found.labels)
        assert found.images.dtype == torch.uint8 and found.images.shape[1:] == (8, 8, 1)
        assert found.classes == tuple(ALPHABETS[kind]) and len(found.classes) == 10
        assert found.labels.bincount().tolist() == [len(found.labels) // 10] * 10
        order = canonical_order(found.images.numpy(), found.labels.numpy())
        assert np.array_equal(order, np.arange(len(found.labels)))
        assert found.images.max() == 255 and 30 < found.images.float().mean() < 90
        assert (found.images.flatten(1).amax(1) > 100).all()  # none is empty
    assert sizes == {"train": 1040, "val": 320, "test": 320}


def test_they_are_registered_and_always_present():
    entries = {entry.name: entry for entry in list_sets()}
    for kind in ALPHABETS:
        assert entries[f"glyphs-{kind}"].present
        assert splits_of(f"glyphs-{kind}") == ("train", "val", "test")


def test_no_font_and_no_typeface_is_in_two_splits():
    fonts = [font for split in FONTS.values() for font in split]
    assert len(set(fonts)) == len(fonts)

    def typeface(font):
        return font.partition("-")[0].removesuffix("Ita").removesuffix("BolIta").removesuffix("Bol")

    faces = {split: {typeface(font.replace("Italic", "")) for font in FONTS[split]} for split in FONTS}
    assert faces["val"] == {"DejaVuSansMono"} and faces["test"] == {"STIXGeneral"}
    assert not (faces["val"] | faces["test"]) & faces["train"]


def test_they_are_drawn_once_and_the_same_again():
    first = glyphs("letters", "val")
    assert glyphs("letters", "val") is first
    glyphs.cache_clear()
    again = glyphs("letters", "val")
    assert again is not first and again.fingerprint == first.fingerprint
    assert glyphs("letters", "test").fingerprint != first.fingerprint


def test_variants_differ_and_follow_the_generator():
    images, labels = draw("AB", FONTS["val"][:1], 5, torch.Generator().manual_seed(0))
    assert images.shape == (10, 8, 8, 1) and labels.tolist() == [0] * 5 + [1] * 5
    assert len(images.unique(dim=0)) == 10
    again, _ = draw("AB", FONTS["val"][:1], 5, torch.Generator().manual_seed(0))
    other, _ = draw("AB", FONTS["val"][:1], 5, torch.Generator().manual_seed(1))
    assert torch.equal(images, again) and not torch.equal(images, other)


def test_unseen_typefaces_can_be_read():
    for kind, chance in (("letters", 0.1), ("digits", 0.1)):
        train, test = glyphs(kind, "train"), glyphs(kind, "test")
        reader = KNeighborsClassifier(3).fit(train.images.flatten(1).numpy(), train.labels.numpy())
        accuracy = reader.score(test.images.flatten(1).numpy(), test.labels.numpy())
        assert 0.8 < accuracy < 1, (kind, accuracy)


def test_outlines_are_centred_and_as_high_as_a_capital():
    for font in ("DejaVuSans", "cmr10", "STIXGeneral"):
        edges = outline("H", font)
        low, high = edges.flatten(0, 1).amin(0), edges.flatten(0, 1).amax(0)
        assert torch.allclose(low, -high, atol=1e-5) and (high - low)[1].item() == pytest.approx(1)
    assert contours("O", "DejaVuSans") is contours("O", "DejaVuSans")


def test_letters_stand_upright():
    images, labels = draw("LT", FONTS["train"], 4, torch.Generator().manual_seed(0))
    below = images[:, 4:].float().sum((1, 2, 3)) - images[:, :4].float().sum((1, 2, 3))
    assert (below[labels == 0] > 0).float().mean() > 0.9 and (below[labels == 1] < 0).float().mean() > 0.9


def square(left, top, side, clockwise=True):
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * side + np.float32([left, top])
    corners = corners if clockwise else corners[::-1]
    return np.stack([corners, np.roll(corners, -1, 0)], 1)


def test_filling_follows_the_winding_rule():
    outer, hole, same = square(1, 1, 6), square(3, 3, 2, clockwise=False), square(3, 3, 2)
    solid, ring, overlapping = (
        filled(np.concatenate(rings)[None])[0] for rings in ([outer], [outer, hole], [outer, same])
    )
    assert solid.shape == (32, 32) and solid.sum() == (6 * 4) ** 2
    assert solid[4:28, 4:28].all()
    assert ring.sum() == (6 * 4) ** 2 - (2 * 4) ** 2 and not ring[12:20, 12:20].any()
    assert np.array_equal(overlapping, solid)


def test_mistakes(monkeypatch, one_sentence):
    for kind, split in (("runes", "train"), ("letters", "all")):
        with pytest.raises(StudyError, match=f"no glyphs '{kind}' with split '{split}'") as error:
            glyphs(kind, split)
        one_sentence(error.value)
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    module.contours.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StudyError, match="run pip install matplotlib") as error:
        contours("A", "DejaVuSans")
    one_sentence(error.value)
