"""Training a HyperNetwork: its networks work, it looks at the images, and it goes on where it stopped."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.method.hypernetworks import made
from wsbook.papers.sane.method.hypertraining import HyperTraining, Run, train
from wsbook.study import shelf
from wsbook.study.shelf import Checkpoint
from wsbook.zoo.tasks import task

SETTING = HyperTraining("digits", "cnn-digits", 1000, 40, 16, 2, 1, steps=12, batch=2, lr=1e-2)


@pytest.fixture(autouse=True)
def own_shelf(monkeypatch, tmp_path):
    """A shelf below tmp_path, and one thread, for which equality of bits is promised."""
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def generator(seed=3):
    return torch.Generator().manual_seed(seed)


def run(setting=SETTING, seed=0, **options):
    return train(setting.untrained(seed), setting, generator(), **options)


def accuracy(found, data, shown=None):
    """Mean test accuracy on `data` of networks made from its images, or from those of `shown`."""
    on = task(data, SETTING.images, 8)
    vectors = made(found.model, task(shown or data, SETTING.images, 8).train, 4, generator())
    return found.network.score(vectors, on, "test")[0].mean().item()


def test_networks_for_its_task_are_far_above_chance():
    untrained = run(replace(SETTING, steps=1))
    found = run(replace(SETTING, steps=100))
    assert accuracy(untrained, "digits") < 0.3 and accuracy(found, "digits") > 0.7
    assert found.losses[-10:].mean() < 0.5 * found.losses[:10].mean()


def test_with_two_tasks_the_images_decide():
    sets = ("glyphs-digits", "glyphs-letters")  # the same labels of different signs
    found = run(replace(SETTING, data="+".join(sets), steps=150, batch=3))
    for own, other in (sets, sets[::-1]):
        assert accuracy(found, own) > 0.6 and accuracy(found, own) > accuracy(found, own, other) + 0.1


def test_equal_generators_give_equal_bits_and_others_do_not():
    one, same, other = run(), run(), run(seed=1)
    assert torch.equal(one.losses, same.losses) and not torch.equal(one.losses, other.losses)


def test_a_run_that_was_stopped_ends_in_the_same_bits():
    whole = run()
    checkpoint = Checkpoint("hyper.safetensors", every=0.0)

    def stopped(steps):
        for step in steps:
            if step == 7:
                raise KeyboardInterrupt
            yield step

    with pytest.raises(KeyboardInterrupt):
        run(checkpoint=checkpoint, progress=stopped)
    resumed = run(checkpoint=checkpoint)
    assert torch.equal(resumed.losses, whole.losses)
    for a, b in zip(resumed.model.parameters(), whole.model.parameters()):
        assert torch.equal(a, b)


def test_only_training_images_of_its_own_tasks_are_read(monkeypatch):
    read = []
    monkeypatch.setattr(
        "wsbook.zoo.setting.task", lambda data, *size: read.append(data) or task(data, *size)
    )
    run(replace(SETTING, data="glyphs-letters+digits"))
    assert read == ["glyphs-letters", "digits"]
    train_part = task("digits", SETTING.images, 8).train
    assert torch.equal(Run(SETTING.untrained(0), SETTING, generator()).tasks[0].inputs, train_part[0])


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint(monkeypatch, one_sentence):
    checkpoint = Checkpoint("hyper.safetensors", every=0.0)
    advance = Run.advance

    def broken(self):
        if self.step == 5:
            with torch.no_grad():
                self.model.start.fill_(torch.nan)
        advance(self)

    monkeypatch.setattr(Run, "advance", broken)
    with pytest.raises(StudyError, match="loss is not finite at step 6; lower its lr") as caught:
        run(checkpoint=checkpoint)
    one_sentence(caught.value)
    assert int(checkpoint.load()["step"]) == 5


@pytest.mark.parametrize("name", ["steps", "batch", "lr"])
def test_impossible_settings_are_refused(name):
    with pytest.raises(StudyError, match=f"{name} of a HyperNetwork must be positive, not 0"):
        replace(SETTING, **{name: 0})
