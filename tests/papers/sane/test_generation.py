"""Generated networks and their rivals, on a zoo that is trained in seconds."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.measures.generation import best, candidates, measure, novelty, prompts_of, shown
from wsbook.papers.sane.method import trained
from wsbook.papers.sane.method.trained import fitted, sizes_of
from wsbook.papers.sane.setting import FRESH_SEED, Training
from wsbook.study.experiment import Cell
from wsbook.zoo import archive
from wsbook.zoo.tasks import task

pytestmark = pytest.mark.usefixtures("own_shelf")


def test_an_autoencoder_is_trained_once(monkeypatch, setting):
    one = fitted(setting.training, 0, "cpu")
    monkeypatch.setattr(trained, "train", None)  # would fail if called
    again = fitted(setting.training, 0, "cpu")
    for a, b in zip(one.model.parameters(), again.model.parameters()):
        assert torch.equal(a, b)
    assert torch.equal(one.training, again.training) and len(one.training) == 4  # 70 % of six models


def test_encoding_and_decoding_keep_the_shapes(setting):
    found = fitted(setting.training, 0, "cpu")
    latents = found.encode(found.training)
    assert latents.shape == (4, len(found.layout.index), 4)
    assert found.decode(latents).shape == found.training.shape


def test_positions_have_room_for_every_token(setting, network):
    sizes = sizes_of(setting.training)
    at = network.shapes
    assert sizes.positions[1] == len(at) // 2 and sizes.positions[2] == 20


def test_prompts_are_in_no_training_zoo_and_keep_their_functions(setting, network):
    zoo = setting.prompt_zoo
    assert zoo.first_seed == FRESH_SEED and not set(range(setting.models)) & set(
        range(zoo.first_seed, zoo.first_seed + zoo.models)
    )
    prompts = prompts_of(zoo, setting.prompts, 0)
    on = task("digits", setting.images, 8)
    known = archive.members(zoo).table.test_accuracy.tolist()
    for accuracy in network.score(prompts, on, "test")[0].tolist():
        assert min(abs(accuracy - k) for k in known) < 1e-6
    assert not torch.equal(prompts_of(zoo, setting.prompts, 1), prompts)


def test_the_best_are_chosen_on_validation_images(setting, network):
    vectors = archive.members(setting.prompt_zoo).weights[:, -1]
    on = task("digits", setting.images, 8)
    val = network.score(vectors, on, "val")[0]
    chosen = best(vectors, network, on, 2)
    assert torch.equal(chosen.vectors[0], vectors[val.argmax()])
    assert chosen.test.tolist() == network.score(chosen.vectors, on, "test")[0].tolist()
    assert chosen.pool == val.mean().item()


def test_candidates_are_chosen_by_few_images_of_every_class(monkeypatch, setting):
    monkeypatch.setattr("wsbook.papers.sane.measures.generation.SHOWN", 50)
    on = task("digits", setting.images, 8)
    few = shown(on)
    assert 40 <= len(few.val[1]) <= 50 and set(few.val[1].tolist()) == set(range(10))
    assert few.test is on.test and few.train is on.train


def test_a_training_network_is_no_novelty(setting):
    found = fitted(setting.training, 0, "cpu")
    on = task("digits", setting.images, 8)
    same = novelty(found, found.training[:2], on)
    assert same["distance"] == pytest.approx(0, abs=1e-3) and same["agreement"] == 1
    other = novelty(
        found, torch.randn(2, found.training.shape[1], generator=torch.Generator().manual_seed(0)), on
    )
    assert other["distance"] > 0.5 and other["agreement"] < 1


def test_decisions_are_those_that_accuracy_counts(setting, network):
    vectors = archive.members(setting.prompt_zoo).weights[:, -1]
    on = task("digits", setting.images, 8)
    hits = (network.decisions(vectors, on, "test") == on.test[1]).double().mean(1)
    assert hits.tolist() == pytest.approx(network.score(vectors, on, "test")[0].tolist())


def test_a_cell_measures_what_is_generated_and_its_rivals(setting):
    one, same = (measure([Cell(setting, 0)], "cpu")[0] for _ in range(2))
    assert one.metrics == same.metrics and len(one.curves["chosen"]) == 4
    for name in ("generated", "reconstructed", "best_prompt", "prompt_average", "noisy_prompts", "random"):
        assert 0 <= one.metrics[name] <= 1
    assert one.metrics["best_generated"] == one.curves["chosen"][0]


def test_rounds_keep_the_best_and_draw_around_them(setting, network):
    found = fitted(setting.training, 0, "cpu")
    zoo = setting.prompt_zoo
    prompts = prompts_of(zoo, setting.prompts, 0)
    once, again = (candidates(replace(setting, rounds=rounds), found, prompts, 0) for rounds in (1, 2))
    assert len(once) == setting.candidates and len(again) == setting.keep + setting.candidates
    first = best(once, network, shown(zoo.task), setting.keep)
    torch.testing.assert_close(again[: setting.keep], first.vectors, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"prompts": 0}, "prompts number from 1 to 4, not 0"),
        ({"rounds": 0}, "at least one round of sampling, not 0"),
        ({"keep": 13}, "of 12 candidates one cannot keep"),
    ],
)
def test_impossible_samplings_are_refused(changes, message, setting):
    with pytest.raises(StudyError, match=message):
        replace(setting, **changes)


def test_the_training_of_a_generation_is_plain_training(setting):
    assert type(setting.training) is Training and setting.training.steps == 15
