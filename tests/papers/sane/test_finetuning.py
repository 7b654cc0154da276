"""Starts of further training, on zoos that are trained in seconds."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.measures import finetuning, generation
from wsbook.papers.sane.measures.finetuning import FineTuning, measure, starts
from wsbook.papers.sane.measures.generation import Generation, best, candidates, prompts_of
from wsbook.papers.sane.method.further_training import course
from wsbook.papers.sane.method.hypernetworks import hypernetwork
from wsbook.papers.sane.method.trained import fitted
from wsbook.study import shelf
from wsbook.study.experiment import Cell
from wsbook.weights.tokens import untokened
from wsbook.zoo.archive import members
from wsbook.zoo.small import Task
from wsbook.zoo.tasks import task

SETTING = FineTuning(
    "glyphs-letters+digits", "cnn-digits", models=8, epochs=2, kept=1, fresh=4, token=40, window=60, width=16,
    heads=2, blocks=1, latent=4, steps=15, batch=4, target="digits", prompts=3, candidates=12, keep=4,
    tuned=2, rates="1e-3+1e-2", hyper_steps=5, hyper_batch=2,
)  # fmt: skip

NETWORK = SETTING.zoos[0].architecture
NAMES = {"generated", "hypernetwork", "transferred", "noisy_prompts", "prompt", "random"}


@pytest.fixture(autouse=True, scope="module")
def own_shelf(tmp_path_factory):
    """A shelf of this module's own, with zoos, autoencoder and HyperNetwork on it."""
    directory = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "RUNS", directory / "runs")
        patch.setattr(shelf, "RESULTS", directory / "results")
        starts(SETTING, 0, "cpu")
        yield


@pytest.fixture(scope="module")
def measured(own_shelf):
    return measure([Cell(SETTING, 0)], "cpu")[0]


@pytest.fixture
def on():
    return task("digits", SETTING.images, 8)


def test_starts_are_what_they_are_called(on):
    found = starts(SETTING, 0, "cpu")
    assert set(found) == NAMES
    prompts = prompts_of(SETTING.prompt_zoo, SETTING.prompts, 0)
    pool = candidates(SETTING, fitted(SETTING.training, 0, "cpu"), prompts, 0)
    assert torch.equal(found["generated"], best(pool, NETWORK, on, 4).vectors)
    for name, vectors in (
        ("prompt", prompts),
        ("transferred", members(SETTING.zoos[0]).weights[:, -1]),
    ):
        assert torch.cdist(found[name], vectors).min(1).values.max() < 1e-3, name
        assert len(found[name]) == 3  # as many as there are
    distances = torch.cdist(pool, prompts).min(1).values
    moved = torch.cdist(found["noisy_prompts"], prompts).min(1).values
    assert distances.min() * 0.99 < moved.min() and moved.max() < distances.max() * 1.01
    maker = hypernetwork(SETTING.hyper, 0, "cpu")
    near = untokened(maker.start.detach(), maker.layout)  # hardly trained, it adds little to this
    for name, made_by_it in (("hypernetwork", True), ("random", False)):
        assert ((found[name] - near).norm(dim=1) < 0.5 * near.norm()).all() == made_by_it
    bound = found["random"].abs().max(1).values
    assert (bound <= 1 / 3).all()  # U(-1/sqrt(9), 1/sqrt(9)) in the first layer, the widest law


def test_at_first_they_are_as_good_as_the_experiment_on_generation_says(measured):
    plain = {name: getattr(SETTING, name) for name in Generation.__dataclass_fields__}
    known = generation.measure([Cell(Generation(**plain), 0)], "cpu")[0].metrics
    for name in ("generated", "noisy_prompts", "random", "prompt"):
        assert measured.metrics[f"{name}_0"] == pytest.approx(known[name]), name


def test_a_cell_measured_again_is_the_same(measured):
    assert measure([Cell(SETTING, 0)], "cpu") == [measured]


def test_a_cell_that_is_cut_off_goes_on_with_the_start_it_was_at(measured, monkeypatch):
    left, calls = iter(range(2)), []

    def cut_off(*given):
        calls.append(given)
        if next(left, None) is None:
            raise KeyboardInterrupt
        return course(*given)

    monkeypatch.setattr(finetuning, "course", cut_off)
    with pytest.raises(KeyboardInterrupt):
        measure([Cell(SETTING, 0)], "cpu")
    left = iter(range(len(NAMES)))
    assert measure([Cell(SETTING, 0)], "cpu") == [measured]
    assert len(calls) == len(NAMES) + 1  # the one that was cut off ran twice
    assert not list((shelf.RUNS / "checkpoints").glob("finetuning-*"))


def test_a_cell_has_a_curve_for_every_start_and_network(measured):
    for name in NAMES:
        mean, networks = measured.curves[name], measured.curves[f"{name}_networks"]
        rows = torch.tensor(networks).view(-1, SETTING.tuned + 1)
        assert len(rows) == (3 if name in ("prompt", "transferred") else 4)
        assert rows.mean(0).tolist() == pytest.approx(mean, abs=2e-5)
        for key, at in (("0", 0), ("1", 1), ("last", -1)):
            assert measured.metrics[f"{name}_{key}"] == pytest.approx(mean[at], abs=1e-5)
        assert set(measured.curves[f"{name}_lr"]) <= set(SETTING.grid)


def test_starts_and_rates_are_chosen_without_test_images(measured, on, monkeypatch):
    inputs, labels = on.test
    other = Task(on.train, on.val, (inputs, (labels + 1) % 10))
    monkeypatch.setattr("wsbook.zoo.setting.task", lambda *_: other)
    blind = measure([Cell(SETTING, 0)], "cpu")[0]
    for name in NAMES:
        assert measured.curves[f"{name}_lr"] == blind.curves[f"{name}_lr"]
    assert measured.metrics["prompt_last"] > 0.5 > blind.metrics["prompt_last"]


def test_training_on_helps_every_start(measured):
    for name in NAMES:
        assert measured.metrics[f"{name}_last"] > measured.metrics[f"{name}_0"], name


def test_other_sets_can_be_the_source():
    three = replace(SETTING, data="digits+glyphs-digits+glyphs-letters")
    assert three.transferred.data == "glyphs-digits"
    assert replace(three, source="glyphs-letters").transferred.data == "glyphs-letters"
    assert replace(three, target="glyphs-digits").transferred.data == "digits"
    assert three.hyper.data == three.data  # the HyperNetwork knows the training zoos' tasks and no other


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"tuned": 0}, "at least one epoch, not 0; raise tuned"),
        ({"data": "digits"}, "no zoo of digits is for another image set than digits"),
        (
            {"source": "digits"},
            "no networks of 'digits' can be transferred; choose a source of glyphs-letters",
        ),
        ({"rates": "1e-3,1e-2"}, "rates are positive numbers joined by +, not '1e-3,1e-2'"),
        ({"rates": "1e-3+0"}, "rates are positive numbers joined by +, not '1e-3+0'"),
        ({"hyper_steps": 0}, "steps of a HyperNetwork must be positive, not 0"),
        ({"keep": 13}, "of 12 candidates one cannot keep"),
    ],
)
def test_impossible_settings_are_refused(changes, message, one_sentence):
    with pytest.raises(StudyError) as caught:
        replace(SETTING, **changes)
    assert message in one_sentence(caught.value)
