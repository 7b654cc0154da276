"""Generated networks and their rivals, on a zoo that is trained in seconds."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.sane import autoencoders
from wsbook.sane.autoencoders import fitted, sizes_of
from wsbook.sane.generation import Generation, best, candidates, measure, novelty, prompts_of, shown
from wsbook.sane.setting import FRESH_SEED, Training
from wsbook.study import shelf
from wsbook.study.experiment import Cell
from wsbook.zoo import archive
from wsbook.zoo.tasks import task

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
    return tmp_path / "runs"


def test_an_autoencoder_is_trained_once(monkeypatch):
    one = fitted(SETTING.training, 0, "cpu")
    monkeypatch.setattr(autoencoders, "train", None)  # would fail if called
    again = fitted(SETTING.training, 0, "cpu")
    for a, b in zip(one.model.parameters(), again.model.parameters()):
        assert torch.equal(a, b)
    assert torch.equal(one.training, again.training) and len(one.training) == 4  # 70 % of six models


def test_encoding_and_decoding_keep_the_shapes():
    found = fitted(SETTING.training, 0, "cpu")
    latents = found.encode(found.training)
    assert latents.shape == (4, len(found.layout.index), 4)
    assert found.decode(latents).shape == found.training.shape


def test_positions_have_room_for_every_token():
    sizes = sizes_of(SETTING.training)
    at = NETWORK.shapes
    assert sizes.positions[1] == len(at) // 2 and sizes.positions[2] == 20


def test_prompts_are_in_no_training_zoo_and_keep_their_functions():
    zoo = SETTING.prompt_zoo
    assert zoo.first_seed == FRESH_SEED and not set(range(SETTING.models)) & set(
        range(zoo.first_seed, zoo.first_seed + zoo.models)
    )
    prompts = prompts_of(zoo, SETTING.prompts, 0)
    on = task("digits", SETTING.images, 8)
    known = archive.members(zoo).table.test_accuracy.tolist()
    for accuracy in NETWORK.score(prompts, on, "test")[0].tolist():
        assert min(abs(accuracy - k) for k in known) < 1e-6
    assert not torch.equal(prompts_of(zoo, SETTING.prompts, 1), prompts)


def test_the_best_are_chosen_on_validation_images():
    vectors = archive.members(SETTING.prompt_zoo).weights[:, -1]
    on = task("digits", SETTING.images, 8)
    val = NETWORK.score(vectors, on, "val")[0]
    chosen = best(vectors, NETWORK, on, 2)
    assert torch.equal(chosen.vectors[0], vectors[val.argmax()])
    assert chosen.test.tolist() == NETWORK.score(chosen.vectors, on, "test")[0].tolist()
    assert chosen.pool == val.mean().item()


def test_candidates_are_chosen_by_few_images_of_every_class(monkeypatch):
    monkeypatch.setattr("wsbook.sane.generation.SHOWN", 50)
    on = task("digits", SETTING.images, 8)
    few = shown(on)
    assert 40 <= len(few.val[1]) <= 50 and set(few.val[1].tolist()) == set(range(10))
    assert few.test is on.test and few.train is on.train


def test_a_training_network_is_no_novelty():
    found = fitted(SETTING.training, 0, "cpu")
    on = task("digits", SETTING.images, 8)
    same = novelty(found, found.training[:2], on)
    assert same["distance"] == pytest.approx(0, abs=1e-3) and same["agreement"] == 1
    other = novelty(
        found, torch.randn(2, found.training.shape[1], generator=torch.Generator().manual_seed(0)), on
    )
    assert other["distance"] > 0.5 and other["agreement"] < 1


def test_decisions_are_those_that_accuracy_counts():
    vectors = archive.members(SETTING.prompt_zoo).weights[:, -1]
    on = task("digits", SETTING.images, 8)
    hits = (NETWORK.decisions(vectors, on, "test") == on.test[1]).double().mean(1)
    assert hits.tolist() == pytest.approx(NETWORK.score(vectors, on, "test")[0].tolist())


def test_a_cell_measures_what_is_generated_and_its_rivals():
    one, same = (measure([Cell(SETTING, 0)], "cpu")[0] for _ in range(2))
    assert one.metrics == same.metrics and len(one.curves["chosen"]) == 4
    for name in ("generated", "reconstructed", "best_prompt", "prompt_average", "noisy_prompts", "random"):
        assert 0 <= one.metrics[name] <= 1
    assert one.metrics["best_generated"] == one.curves["chosen"][0]


def test_rounds_keep_the_best_and_draw_around_them():
    found = fitted(SETTING.training, 0, "cpu")
    zoo = SETTING.prompt_zoo
    prompts = prompts_of(zoo, SETTING.prompts, 0)
    once, again = (candidates(replace(SETTING, rounds=rounds), found, prompts, 0) for rounds in (1, 2))
    assert len(once) == SETTING.candidates and len(again) == SETTING.keep + SETTING.candidates
    first = best(once, NETWORK, shown(zoo.task), SETTING.keep)
    torch.testing.assert_close(again[: SETTING.keep], first.vectors, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"prompts": 0}, "prompts number from 1 to 4, not 0"),
        ({"rounds": 0}, "at least one round of sampling, not 0"),
        ({"keep": 13}, "of 12 candidates one cannot keep"),
    ],
)
def test_impossible_samplings_are_refused(changes, message):
    with pytest.raises(StudyError, match=message):
        replace(SETTING, **changes)


def test_the_training_of_a_generation_is_plain_training():
    assert type(SETTING.training) is Training and SETTING.training.steps == 15
