"""Both ways of a step of an autoencoder that are timed do the same."""

from dataclasses import replace

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
    assert [row["unit"] for row in rows[:3]] == ["ms", "%", "GFLOP/s"]
    for row in rows[:2]:
        assert row["value"] > 0 and row["ratio"] == row["baseline_value"] / row["value"]
    assert rows[1]["baseline_value"] < 100
    assert 0 < rows[2]["ratio"] == rows[2]["value"] / rows[2]["baseline_value"] < 1


def test_a_step_of_twice_the_windows_has_twice_the_arithmetic(monkeypatch):
    """Time stands still, so that rates are amounts."""
    monkeypatch.setattr(sane, "paired", lambda ours, theirs, repeats: (1.0, 1.0))
    setting = replace(sane.SETTING, contrast=0.0)
    few, many = (sane.arithmetic_row(replace(setting, batch=n), 1)["value"] for n in (2, 4))
    assert many == pytest.approx(2 * few, rel=0.01)


def test_the_row_of_a_gpu_compares_two_ways_of_one_step():
    row = sane.gpu_row(2, "cpu")
    assert row["value"] > 0 and row["ratio"] == row["baseline_value"] / row["value"]
