"""Copies of networks are found, however they are disguised; on a zoo that is trained in seconds."""

from dataclasses import replace

import pytest
import torch

from wsbook.sane.generation import Generation, prompts_of
from wsbook.sane.memory import aligned_distance, errors, measure, shared_errors, trained
from wsbook.study import shelf
from wsbook.study.experiment import Cell
from wsbook.weights.symmetry import permute, random_permutations
from wsbook.zoo import archive

SETTING = Generation(
    "digits", "cnn-digits", models=6, epochs=2, kept=1, fresh=4, token=40, window=60, width=16, heads=2, blocks=1,
    latent=4, steps=15, batch=4, target="digits", prompts=3, candidates=12, keep=4,
)  # fmt: skip
NETWORK = SETTING.zoos[0].architecture


@pytest.fixture(autouse=True)
def own_shelf(monkeypatch, tmp_path):
    """A shelf below tmp_path."""
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shelf, "RESULTS", tmp_path / "results")


def test_errors_are_shared_as_sets_are():
    ours = torch.tensor([[True, True, False, False], [False, False, False, False]])
    theirs = torch.tensor([[True, False, True, False], [True, True, False, False]])
    assert shared_errors(ours, theirs).tolist() == [[pytest.approx(1 / 3), 1.0], [0.0, 0.0]]


def test_a_copy_with_its_units_renamed_is_as_near_as_one_without():
    training, _ = trained(tuple(SETTING.zoos), SETTING.prompt_zoo)
    order = random_permutations(NETWORK.units, torch.Generator().manual_seed(0))
    copy = permute(training[1], NETWORK.shapes, NETWORK.units, order)
    assert (copy - training[1]).norm() > 0.5 * copy.norm()
    assert aligned_distance(copy, training, NETWORK) < 1e-6
    assert aligned_distance(prompts_of(SETTING.prompt_zoo, 1, 0)[0], training, NETWORK) > 0.1


def test_a_copy_shares_all_errors():
    training, known = trained(tuple(SETTING.zoos), SETTING.prompt_zoo)
    on = SETTING.prompt_zoo.task
    assert known.shape[0] == len(training) == 4 and known.any()
    assert shared_errors(errors(NETWORK, training[2:3], on), known)[0, 2] == 1
    accuracy = NETWORK.score(training, on, "test")[0]
    assert (1 - known.double().mean(1)).tolist() == pytest.approx(accuracy.tolist(), abs=0.05)


def test_a_cell_measures_all_that_is_compared():
    one, same = (measure([Cell(SETTING, 0)], "cpu")[0] for _ in range(2))
    assert one.metrics == same.metrics
    assert len(one.curves["generated_errors_each"]) == 4 and len(one.curves["prompt_errors_each"]) == 3
    for name in ("generated", "noisy_prompts", "reconstructed", "prompt"):
        assert 0 <= one.metrics[f"{name}_accuracy"] <= 1 and one.metrics[f"{name}_distance"] > 0
    assert max(one.curves["prompt_prompt_errors_each"]) < 1  # none is compared with itself


def test_networks_of_every_zoo_are_looked_at():
    zoos = replace(SETTING, data="digits+glyphs-digits").zoos
    vectors, known = trained(tuple(zoos), SETTING.prompt_zoo)
    last = [archive.members(zoo).part(0).weights[:, -1] for zoo in zoos]
    assert torch.equal(vectors, torch.cat(last)) and len(known) == len(vectors)
