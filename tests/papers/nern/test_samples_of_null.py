"""The best of many evaluations: a formula against counting, and noise of the size it says."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from wsbook.errors import StudyError
from wsbook.papers.nern.measures import null
from wsbook.papers.nern.measures.null import Null, measure
from wsbook.papers.nern.samples import null as selection
from wsbook.study.experiment import Cell


@pytest.mark.parametrize("k", [1, 2, 4, 6])
def test_expected_best_is_the_mean_over_all_subsets(k):
    gains = np.random.default_rng(0).normal(size=6)
    counted = np.mean([max(chosen) for chosen in combinations(gains, k)])
    assert selection.expected_best(gains, k) == pytest.approx(counted)


def test_draws_needed_for_a_level():
    gains = np.array([0.0, 0.0, 3.0])  # the best of 1, 2, 3 is expected to gain 1, 2, 3
    assert [selection.draws_needed(gains, level) for level in (0.5, 1.5, 2.9, 3.5)] == [1, 2, 3, np.inf]


def test_groups_are_draws_in_order():
    gains = np.arange(26.0)
    table = pd.DataFrame({"network": "resnet20-cifar10", "size": 0.0033, "seed": range(26), "gain": gains})
    assert selection.best_of_group(table.sample(frac=1, random_state=0)).tolist() == [11.0, 23.0]
    assert len(selection.best_of_group(table.assign(size=0.1))) == 0


def test_noise_has_its_size_and_spares_absent_weights(toy, monkeypatch):
    seen = []
    monkeypatch.setattr(null, "original", lambda name: toy)
    monkeypatch.setattr(null, "original_accuracy", lambda name, part: 0.25)
    monkeypatch.setattr(null, "accuracy", lambda source, kernels, part: seen.append(kernels) or 0.5)
    measured = measure([Cell(Null("toy", 0.02), draw) for draw in (0, 1)], "cpu")
    assert [m.metrics["gain"] for m in measured] == [0.25, 0.25]
    for kernels in seen:
        error = (kernels - toy.frame.values)[toy.frame.present]
        assert error.square().mean().sqrt().item() == pytest.approx(0.02, rel=1e-4)
        assert (kernels == toy.frame.values)[~toy.frame.present].all()
    assert not (seen[0] == seen[1])[toy.frame.present].any()


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan")])
def test_bad_sizes(size, one_sentence):
    with pytest.raises(StudyError) as caught:
        Null(size=size)
    one_sentence(caught.value)
