"""Both ways of training and scoring CNN-s that are timed do the same."""

import pytest
import torch

from benchmarks import zoos
from benchmarks.timing import paired
from wsbook.zoo.small import Task


@pytest.mark.parametrize("batch", zoos.BATCHES)
def test_a_stack_takes_the_losses_of_a_plain_loop(batch):
    data, weights = zoos.random_data(256), zoos.starts(3)
    found, expected = (f(weights, data, batch) for f in (zoos.stacked_epoch, zoos.plain_epochs))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)  # few steps
    other = zoos.plain_epochs(weights.flip(0), data, batch)[[0, 2]]
    assert ((other / found[[0, 2]] - 1).abs() > 3e-5).all()


def test_candidates_score_at_once_what_they_do_one_by_one():
    data, weights = zoos.random_data(300), zoos.starts(5)
    found = zoos.NETWORK.score(weights, Task(data, data, data), "val")[0]
    assert found.tolist() == pytest.approx(zoos.scores_one_by_one(weights, data).tolist())
    assert len(set(found.tolist())) > 1


def test_a_way_that_differs_is_not_timed(monkeypatch):
    monkeypatch.setattr(zoos, "plain_epochs", lambda weights, *_: torch.full((len(weights),), 2.0))
    with pytest.raises(AssertionError):
        zoos.training_row(zoos.SMALL, 64)


def test_rows_are_ratios_of_speeds(monkeypatch):
    monkeypatch.setattr(zoos, "paired", lambda ours, theirs, repeats: (2.0, 3.0))
    size = zoos.Size(images=70, singles=2, candidates=4, repeats=1)
    training, scoring = zoos.training_row(size, 10), zoos.scoring_row(size)
    assert training["value"] == 20 * 70 / 2 and training["baseline_value"] == 2 * 70 / 3
    assert scoring["ratio"] == scoring["value"] / scoring["baseline_value"] == 1.5


def test_the_row_of_a_gpu_compares_both_ways_there():
    row = zoos.gpu_row(zoos.SMALL, 64, "cpu")
    assert row["device"] == "cpu" and row["ratio"] == row["value"] / row["baseline_value"] > 0


def test_timing_takes_turns_and_forgets_the_first():
    calls = []
    fast, slow = paired(lambda: calls.append("a"), lambda: calls.append("b") or sum(range(200_000)), 3)
    assert calls == ["a", "b"] * 4 and slow > fast
