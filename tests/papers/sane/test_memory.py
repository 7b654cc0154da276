"""Copies of networks are found, however they are disguised; on a zoo that is trained in seconds."""

from dataclasses import replace

import pytest
import torch

from wsbook.papers.sane.measures.generation import prompts_of
from wsbook.papers.sane.measures.memory import aligned_distance, errors, measure, shared_errors, trained
from wsbook.study.experiment import Cell
from wsbook.weights.symmetry import permute, random_permutations
from wsbook.zoo import archive

pytestmark = pytest.mark.usefixtures("own_shelf")


def test_errors_are_shared_as_sets_are():
    ours = torch.tensor([[True, True, False, False], [False, False, False, False]])
    theirs = torch.tensor([[True, False, True, False], [True, True, False, False]])
    assert shared_errors(ours, theirs).tolist() == [[pytest.approx(1 / 3), 1.0], [0.0, 0.0]]


def test_a_copy_with_its_units_renamed_is_as_near_as_one_without(setting, network):
    training, _ = trained(tuple(setting.zoos), setting.prompt_zoo)
    order = random_permutations(network.units, torch.Generator().manual_seed(0))
    copy = permute(training[1], network.shapes, network.units, order)
    assert (copy - training[1]).norm() > 0.5 * copy.norm()
    assert aligned_distance(copy, training, network) < 1e-6
    assert aligned_distance(prompts_of(setting.prompt_zoo, 1, 0)[0], training, network) > 0.1


def test_a_copy_shares_all_errors(setting, network):
    training, known = trained(tuple(setting.zoos), setting.prompt_zoo)
    on = setting.prompt_zoo.task
    assert known.shape[0] == len(training) == 4 and known.any()
    assert shared_errors(errors(network, training[2:3], on), known)[0, 2] == 1
    accuracy = network.score(training, on, "test")[0]
    assert (1 - known.double().mean(1)).tolist() == pytest.approx(accuracy.tolist(), abs=0.05)


def test_a_cell_measures_all_that_is_compared(setting):
    one, same = (measure([Cell(setting, 0)], "cpu")[0] for _ in range(2))
    assert one.metrics == same.metrics
    assert len(one.curves["generated_errors_each"]) == 4 and len(one.curves["prompt_errors_each"]) == 3
    for name in ("generated", "noisy_prompts", "reconstructed", "prompt"):
        assert 0 <= one.metrics[f"{name}_accuracy"] <= 1 and one.metrics[f"{name}_distance"] > 0
    assert max(one.curves["prompt_prompt_errors_each"]) < 1  # none is compared with itself


def test_networks_of_every_zoo_are_looked_at(setting):
    zoos = replace(setting, data="digits+glyphs-digits").zoos
    vectors, known = trained(tuple(zoos), setting.prompt_zoo)
    last = [archive.members(zoo).part(0).weights[:, -1] for zoo in zoos]
    assert torch.equal(vectors, torch.cat(last)) and len(known) == len(vectors)
