"""Trained HyperNetworks on the shelf, and the networks that they make."""

import pytest
import torch

from wsbook.papers.sane.method import hypernetworks
from wsbook.papers.sane.method.hypernetworks import hypernetwork, made
from wsbook.papers.sane.method.hypertraining import HyperTraining
from wsbook.zoo.tasks import task

SETTING = HyperTraining("digits", "cnn-digits", 1000, 40, 16, 2, 1, steps=3, batch=2, lr=3e-3)
TRAIN = task("digits", 1000, 8).train


pytestmark = pytest.mark.usefixtures("own_shelf")


def test_a_hypernetwork_is_trained_once(own_shelf, monkeypatch):
    one = hypernetwork(SETTING, 0, "cpu")
    assert not list((own_shelf / "checkpoints").iterdir())
    monkeypatch.setattr(hypernetworks, "train", None)  # would fail if called
    again = hypernetwork(SETTING, 0, "cpu")
    for a, b in zip(one.parameters(), again.parameters()):
        assert torch.equal(a, b)
    with pytest.raises(TypeError):
        hypernetwork(SETTING, 1, "cpu")  # another seed is another HyperNetwork


def test_each_network_is_made_from_other_images():
    model = SETTING.untrained(0)
    vectors = made(model, TRAIN, 3, torch.Generator().manual_seed(0))
    assert len(vectors.unique(dim=0)) == 3 and not vectors.requires_grad
    again = made(model, TRAIN, 2, torch.Generator().manual_seed(0))
    assert torch.equal(again, vectors[:2])  # the more are made, the first stay the same
