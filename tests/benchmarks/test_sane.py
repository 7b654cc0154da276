"""Both ways of a step of an autoencoder that are timed do the same."""

import pytest
import torch

from benchmarks import sane


@pytest.fixture
def reference(tmp_path):
    """The references' way, with files of two windows."""
    found = sane.Reference(tmp_path)
    found.write(2, copies=3)
    return found


def test_both_ways_cut_the_same_windows_and_take_the_same_losses(reference):
    sane.compare(reference)


@pytest.mark.parametrize("what", ["vectors", "model"])
def test_a_way_that_differs_is_noticed(what, reference):
    if what == "vectors":
        reference.vectors = reference.vectors.flip(0)
    else:
        torch.nn.init.zeros_(reference.model.decoder.outward.bias)
        torch.nn.init.ones_(reference.model.decoder.outward.weight)
    with pytest.raises(AssertionError):
        sane.compare(reference)


def test_the_references_way_learns(reference):
    views = reference.draw()
    before = sum(loss.item() for loss in reference.losses(views))
    for _ in range(3):
        reference.step()
    assert sum(loss.item() for loss in reference.losses(views)) < before


def test_a_small_run_has_its_rows():
    rows = sane.measure(small=True)
    assert [row["unit"] for row in rows] == ["ms", "%"]
    for row in rows:
        assert row["value"] > 0 and row["ratio"] == row["baseline_value"] / row["value"]
    assert rows[1]["baseline_value"] < 100
