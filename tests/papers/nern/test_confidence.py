"""How sure networks are of themselves."""

import pytest
import torch
import torch.nn.functional as F

from wsbook.papers.nern.measures import confidence as module
from wsbook.papers.nern.measures.confidence import confidence, logits, temperature
from wsbook.papers.nern.measures.distilled import kernels_of
from wsbook.papers.nern.measures.planes import score
from wsbook.papers.nern.measures.rounds import Round, made
from wsbook.papers.nern.method.network import accuracy
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell


@pytest.fixture
def drawn():
    """Logits (4000, 5), and labels drawn from their probabilities: a network that is as sure as it should be."""
    generator = torch.Generator().manual_seed(0)
    found = 2 * torch.randn(4000, 5, generator=generator, dtype=torch.float64)
    return found, torch.multinomial(found.softmax(1), 1, generator=generator)[:, 0]


@pytest.mark.parametrize("by", [0.25, 1.0, 4.0])
def test_the_temperature_undoes_what_logits_were_multiplied_by(drawn, by):
    found, labels = drawn
    assert temperature(by * found, labels) == pytest.approx(by, rel=0.1)


def test_certainty_and_loss_change_with_a_factor_and_decisions_do_not(drawn):
    found, labels = drawn
    plain, sure = confidence(found, labels), confidence(3 * found, labels)
    assert sure["accuracy"] == plain["accuracy"] == (found.argmax(1) == labels).double().mean().item()
    assert sure["loss"] == pytest.approx(F.cross_entropy(3 * found, labels).item())
    assert sure["certainty"] > plain["certainty"] and sure["loss"] > plain["loss"]
    assert sure["tempered_loss"] == pytest.approx(plain["tempered_loss"], rel=1e-4)
    assert sure["temperature"] == pytest.approx(3 * plain["temperature"], rel=1e-3)
    assert plain["certainty"] == pytest.approx(plain["accuracy"], abs=0.02)


def test_no_image_tells_the_temperature_it_is_judged_at(drawn):
    """A network that is too sure on one half and not sure enough on the other is not helped."""
    found, labels = drawn
    odd = found.clone()
    odd[::2] *= 8
    odd[1::2] /= 8
    assert confidence(odd, labels)["tempered_loss"] > confidence(odd, labels)["loss"]


def test_a_cell_is_about_the_round_and_the_original(named_toy):
    setting = Round("toy", hidden=8, steps=20, batch=64)
    (found,) = module.measure([Cell(setting, 0)], "cpu")
    end = made(setting, 0, "cpu")
    assert found.metrics["accuracy"] == accuracy(named_toy, end, "test")
    assert found.metrics["original_accuracy"] == accuracy(named_toy, named_toy.frame.values, "test")
    assert found.metrics["original_loss"] == pytest.approx(score(named_toy, named_toy.frame.values).loss)
    assert logits(named_toy, end)[0].dtype == torch.float64
    change = found.metrics["accuracy"] - found.metrics["original_accuracy"]
    assert 0 < abs(change) <= found.metrics["one_right"] <= 1
    assert set(found.data) == {"toy", f"{named_toy.data}/test"}


def test_a_cell_may_be_a_second_training(named_toy):
    setting = Distillation(
        "toy", hidden=8, first_steps=20, first_batch=64, batch=64, steps=2, images=16, lr=1e-4
    )
    (found,) = module.measure([Cell(setting, 0)], "cpu")
    assert found.metrics["accuracy"] == accuracy(named_toy, kernels_of(setting, 0, "cpu"), "test")
