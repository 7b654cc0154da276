"""The HyperNetwork: shapes, where it starts, and what its images have a say in."""

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS
from wsbook.papers.sane.method.hypernetwork import SHOTS, HyperNetwork, classes_of
from wsbook.weights.tokens import untokened
from wsbook.zoo.networks import StackedCNN

NETWORK = StackedCNN(CNN_DIGITS)


@pytest.fixture
def model():
    return HyperNetwork(NETWORK, 40, 16, 2, 1, torch.Generator().manual_seed(0))


@pytest.fixture
def images():
    """Images (2, 10, 5, 1, 8, 8) of two tasks."""
    return torch.randn(2, 10, SHOTS, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def test_images_of_a_task_become_one_weight_vector(model, images):
    assert model(images).shape == (2, CNN_DIGITS.size)
    assert classes_of(NETWORK) == 10


def test_it_starts_near_an_initialised_network(model, images):
    start = NETWORK.initial([torch.Generator().manual_seed(0)])[0]
    assert 0 < (model(images)[0] - start).norm() < 3 * start.norm()
    torch.nn.init.zeros_(model.transformer.outward.weight)
    assert torch.equal(model(images)[0], start)


def test_the_order_of_shots_is_free_and_that_of_classes_is_not(model, images):
    model, images = model.double(), images.double()
    out = model(images)
    torch.testing.assert_close(model(images.flip(2)), out, rtol=0, atol=1e-12)
    assert (model(images.flip(1)) - out).abs().max() > 1e-6
    assert (out[0] - out[1]).abs().max() > 1e-6


def test_what_is_added_is_in_units_of_the_tokens(model, images):
    at = model.layout
    weights = at.mask.sum(1)
    sizes = [model.start[token, : weights[token]].square().mean().sqrt() for token in range(len(weights))]
    assert model.unit.flatten().tolist() == pytest.approx([size.item() for size in sizes], rel=1e-5)
    torch.nn.init.zeros_(model.transformer.outward.weight)
    torch.nn.init.ones_(model.transformer.outward.bias)
    added = model(images)[0] - untokened(model.start, at)
    torch.testing.assert_close(added, untokened(model.unit.expand_as(model.start), at))


def test_every_parameter_learns(model, images):
    model(images).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.any(), name


def test_equal_generators_give_equal_bits(model):
    same, other = (HyperNetwork(NETWORK, 40, 16, 2, 1, torch.Generator().manual_seed(s)) for s in (0, 1))
    for a, b in zip(model.parameters(), same.parameters()):
        assert torch.equal(a, b)
    assert not torch.equal(model.start, other.start)
