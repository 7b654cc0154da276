"""Progressive rounds: what each reconstructs, and how the paper chooses it."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.nern.measures.rounds import (
    TRIALS,
    Round,
    file_name,
    measure,
    reached,
    target,
    targets_of_round,
)
from wsbook.papers.nern.method.embedding import points
from wsbook.papers.nern.method.fitted import predict
from wsbook.study import shelf
from wsbook.study.experiment import Cell
from wsbook.weights.ordering import ordered_coordinates

FIRST = Round("toy", hidden=8, steps=20, batch=64)


def second(chosen: str) -> Round:
    """The round after the first."""
    return replace(FIRST, number=2, chosen=chosen)


def test_the_first_round_reconstructs_the_original(named_toy):
    assert target(FIRST, 0, "cpu") is named_toy.frame.values


def test_later_rounds_reconstruct_what_the_trial_itself_reached(named_toy):
    for trial in (0, 1):
        vector = reached(FIRST, trial, "cpu")["last"].float()
        expected = predict(FIRST.hidden, vector, targets_of_round(FIRST, trial, "cpu"))
        assert torch.equal(target(second("last"), trial, "cpu"), expected)
    assert not torch.equal(target(second("last"), 0, "cpu"), target(second("last"), 1, "cpu"))


@pytest.mark.parametrize("part", ["val", "test"])
def test_or_what_the_best_of_all_trials_reached_at_its_best(named_toy, part):
    best = 1
    for trial in range(TRIALS):
        tensors = dict(reached(FIRST, trial, "cpu"))
        tensors |= {f"{part}_score": torch.tensor(0.9 if trial == best else 0.2)}
        tensors |= {part: torch.full_like(tensors[part], 0.01 * (trial + 1))}
        shelf.keep(file_name(FIRST, trial), tensors)
    vector = torch.full_like(reached(FIRST, best, "cpu")["last"].float(), 0.01 * (best + 1)).half().float()
    expected = predict(FIRST.hidden, vector, targets_of_round(FIRST, best, "cpu"))
    for trial in range(TRIALS):
        assert torch.equal(target(second(part), trial, "cpu"), expected)


def test_kernels_are_ordered_anew_in_every_round(named_toy):
    targets = targets_of_round(second("last"), 0, "cpu")
    expected = ordered_coordinates(replace(named_toy.frame, values=targets.values), "in-filter")
    assert not torch.equal(expected, ordered_coordinates(named_toy.frame, "in-filter"))
    assert torch.equal(targets.at.entries, points(expected).entries)


def test_a_round_is_measured_against_the_original_and_against_its_target(named_toy):
    one, two = measure([Cell(FIRST, 0), Cell(second("last"), 0)], "cpu")
    assert one.metrics["distance"] == pytest.approx(one.metrics["rmse"], rel=1e-2)  # stored as float16
    assert one.metrics["target_test"] == one.metrics["original_test"]
    assert two.metrics["target_test"] == one.metrics["test_accuracy"]
    assert two.metrics["distance"] != two.metrics["rmse"]
    for name in ("ood", "fgsm", "ifgsm"):
        assert (
            0 <= two.metrics[name] <= 1
            and two.metrics[f"original_{name}"] == one.metrics[f"original_{name}"]
        )
    assert [m.metrics for m in measure([Cell(second("last"), 0)], "cpu")] == [two.metrics]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"number": 0}, "rounds count from 1, not 0"),
        ({"number": 2, "chosen": "luck"}, "chosen by last, val, test, not by 'luck'"),
        ({"chosen": "test"}, "nothing to choose from"),
    ],
)
def test_impossible_rounds_are_refused(changes, message):
    with pytest.raises(StudyError, match=message):
        replace(FIRST, **changes)
