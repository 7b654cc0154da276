"""Training an autoencoder: it learns, goes on where it stopped, and stops where it fails."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS
from wsbook.papers.sane.method.autoencoder import Autoencoder, Sizes
from wsbook.papers.sane.method.losses import NORMALISATIONS
from wsbook.papers.sane.method.training import Run, one_cycle, train
from wsbook.papers.sane.method.windows import Feed, Source, joined
from wsbook.papers.sane.setting import Training
from wsbook.study import shelf
from wsbook.study.shelf import Checkpoint
from wsbook.zoo.networks import StackedCNN
from wsbook.zoo.small import initial_weights

SETTING = Training("digits", "cnn-digits", models=4, window=8, token=40, steps=12, batch=4)


@pytest.fixture(autouse=True)
def own_shelf(monkeypatch, tmp_path):
    """A shelf below tmp_path, and one thread, for which equality of bits is promised."""
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def parts(setting=SETTING, seed=0):
    """A fresh model and its feed."""
    generators = [torch.Generator().manual_seed(s) for s in range(6)]
    vectors = initial_weights(CNN_DIGITS, generators)
    source = Source(vectors, StackedCNN(CNN_DIGITS), setting.token, torch.Generator().manual_seed(1))
    sizes = Sizes(setting.token, setting.window, (100, 10, 40), width=16, heads=2, blocks=1, latent=4)
    model = Autoencoder(sizes, torch.Generator().manual_seed(seed))
    return model, Feed([source], setting.window, torch.Generator().manual_seed(2))


def run(setting=SETTING, **options):
    model, feed = parts(setting)
    return train(model, feed, setting, torch.Generator().manual_seed(3), **options)


def test_the_loss_falls_under_every_normalisation():
    for normalisation in NORMALISATIONS:
        losses = run(replace(SETTING, steps=150, lr=3e-3, noise=0.0, normalisation=normalisation)).losses
        assert losses[-20:, 0].mean() < 0.9 * losses[:20, 0].mean(), normalisation


def test_equal_generators_give_equal_bits_and_others_do_not():
    one, same = run(), run()
    assert torch.equal(one.losses, same.losses)
    model, feed = parts(seed=1)
    other = train(model, feed, SETTING, torch.Generator().manual_seed(3))
    assert not torch.equal(one.losses, other.losses)


def test_a_run_that_was_stopped_ends_in_the_same_bits(monkeypatch):
    whole = run()
    checkpoint = Checkpoint("sane.safetensors", every=0.0)

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


def test_contrast_and_noise_can_be_left_out():
    plain = run(replace(SETTING, contrast=0.0, noise=0.0))
    assert not plain.losses[:, 1].any() and plain.losses[:, 0].all()


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint(monkeypatch):
    monkeypatch.setattr("wsbook.papers.sane.method.training.CHECK", 1)
    checkpoint = Checkpoint("sane.safetensors", every=0.0)
    advance = Run.advance

    def broken(self):
        if self.step == 5:
            with torch.no_grad():
                next(self.model.parameters()).fill_(torch.nan)
        advance(self)

    monkeypatch.setattr(Run, "advance", broken)
    with pytest.raises(StudyError, match="not finite at step 6; lower lr"):
        run(checkpoint=checkpoint)
    assert int(checkpoint.load()["step"]) == 5


def test_the_learning_rate_rises_and_falls():
    rates = [one_cycle(step, 1000) for step in range(1000)]
    assert rates[0] == pytest.approx(1 / 25) and max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) == 300 and rates[-1] < 1e-4


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"steps": 0}, "steps must be positive, not 0"),
        ({"normalisation": "rows"}, "no normalisation 'rows'"),
        ({"contrast": 1.0}, "from 0 to below 1"),
        ({"precision": "float8"}, "no precision .float8."),
        ({"data": "mnist+usps", "models": 1}, "1 models are too few for 2 zoos"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(StudyError, match=message):
        replace(SETTING, **changes)


def test_zoos_share_the_models():
    setting = replace(SETTING, data="mnist+usps", models=50)
    assert [(zoo.data, zoo.models) for zoo in setting.zoos] == [("mnist", 25), ("usps", 25)]


def test_bfloat16_learns_alike_but_not_bit_for_bit():
    exact, coarse = (run(replace(SETTING, steps=60, precision=p)).losses for p in ("float32", "bfloat16"))
    assert not torch.equal(exact, coarse) and coarse.dtype == torch.float32
    means = [losses[-20:, 0].mean() for losses in (exact, coarse)]
    torch.testing.assert_close(*means, rtol=0.05, atol=0)


def test_a_step_can_be_replayed_as_a_graph():
    """It asks for no number, and another call with the same batch leaves the same gradients."""
    model, feed = parts()
    training = Run(model, feed, SETTING, torch.Generator().manual_seed(3))
    views = joined(feed.draw(4))
    arguments = views.tokens, views.mask, views.positions
    found = []
    for _ in range(2):
        losses = training._differentiate(*arguments)
        found.append([losses, *(p.grad.clone() for p in model.parameters())])
    assert all(torch.equal(*pair) for pair in zip(*found))
    with pytest.MonkeyPatch.context() as patch:
        for asked in ("item", "__int__", "__float__", "__bool__", "tolist"):
            patch.setattr(torch.Tensor, asked, lambda *_: pytest.fail("asks the device for a number"))
        for normalisation in NORMALISATIONS:
            training.setting = replace(SETTING, normalisation=normalisation)
            training._differentiate(*arguments)
