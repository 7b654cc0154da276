"""Fast gradient sign attacks: by hand on a linear network, within their bounds, and in effect."""

import os

import pytest
import torch
from torch import nn

from wsbook.data.imageset import standardise
from wsbook.data.registry import load
from wsbook.nets.attacks import PAPER_EPSILON, fgsm, gradient_signs, iterated_fgsm
from wsbook.nets.cnn import CNN_DIGITS, SmallCNN
from wsbook.nets.evaluate import evaluate
from wsbook.nets.folding import folded
from wsbook.nets.resnet import MEAN, STD, ResNet, load_resnet
from wsbook.nets.train import initialise

SOME_MEAN, SOME_STD = (0.5, 0.2), (0.25, 0.4)


class Linear(nn.Module):
    """Two logits from two pixels of two channels, one pixel each."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[2.0, -1.0], [-1.0, 3.0]]))

    def forward(self, x):
        return x.flatten(1) @ self.weight.T


def linear_case(pixels):
    """The network, its standardised input (1, 2, 1, 1), and a label (0)."""
    x = torch.tensor(pixels).view(1, 2, 1, 1)
    mean, std = (torch.tensor(s).view(2, 1, 1) for s in (SOME_MEAN, SOME_STD))
    return Linear(), (x - mean) / std, torch.tensor([0])


def pixels_of(x):
    mean, std = (torch.tensor(s).view(2, 1, 1) for s in (SOME_MEAN, SOME_STD))
    return (x * std + mean).flatten().tolist()


def test_linear_network_by_hand():
    # the loss of label 0 rises with z1 - z0 = -3 x0 + 4 x1: down in channel 0, up in channel 1
    net, x, label = linear_case([0.5, 0.4])
    assert pixels_of(fgsm(net, x, label, 0.1, SOME_MEAN, SOME_STD)) == pytest.approx([0.4, 0.5])
    assert gradient_signs(net, x, label).flatten().tolist() == [-1, 1]
    assert net.weight.grad is None and not x.requires_grad


def test_pixels_stay_between_0_and_1():
    net, x, label = linear_case([0.05, 0.95])
    assert pixels_of(fgsm(net, x, label, 0.1, SOME_MEAN, SOME_STD)) == pytest.approx([0, 1], abs=1e-7)
    moved = iterated_fgsm(net, x, label, 0.1, SOME_MEAN, SOME_STD, step=0.03, steps=5)
    assert pixels_of(moved) == pytest.approx([0, 1], abs=1e-7)


@pytest.mark.parametrize("step, steps, reached", [(0.02, 3, 0.06), (0.04, 3, 0.1), (0.1, 1, 0.1)])
def test_iterations_stop_at_epsilon(step, steps, reached):
    net, x, label = linear_case([0.5, 0.4])
    moved = iterated_fgsm(net, x, label, 0.1, SOME_MEAN, SOME_STD, step, steps)
    assert pixels_of(moved) == pytest.approx([0.5 - reached, 0.4 + reached])


@pytest.fixture
def case():
    generator = torch.Generator().manual_seed(0)
    net = initialise(SmallCNN(CNN_DIGITS), generator)
    images = torch.randint(256, (20, 8, 8, 1), generator=generator, dtype=torch.uint8)
    images[0, 0, :2, 0] = torch.tensor([0, 255])
    x = standardise(images, (0.3,), (0.2,))
    return net, x, net(x).argmax(1)


def test_no_epsilon_leaves_the_inputs(case):
    assert torch.equal(fgsm(*case, 0.0, (0.3,), (0.2,)), case[1])
    assert torch.equal(iterated_fgsm(*case, 0.0, (0.3,), (0.2,), 0.0, 3), case[1])
    assert torch.equal(iterated_fgsm(*case, 0.0, (0.3,), (0.2,), 0.1, 3), case[1])


def test_signs_are_those_of_one_image_at_a_time(scrambled):
    drawn = torch.Generator().manual_seed(0)
    net = scrambled(initialise(ResNet(8, channels=1, widths=(4, 6)), drawn), drawn).train()
    x, labels = torch.randn(5, 1, 8, 8, generator=drawn), torch.arange(5)
    singly = [gradient_signs(net, x[i : i + 1], labels[i : i + 1]) for i in range(5)]
    assert torch.equal(gradient_signs(net, x, labels), torch.cat(singly))
    assert net.training


def test_iterating_hurts_at_least_as_much(case):
    net, x, labels = case
    loss = [
        evaluate(net, inputs, labels).loss
        for inputs in (
            x,
            fgsm(net, x, labels, 0.02, (0.3,), (0.2,)),
            iterated_fgsm(net, x, labels, 0.02, (0.3,), (0.2,), step=0.004, steps=10),
        )
    ]
    assert loss[0] < loss[1] <= loss[2] + 1e-6


@pytest.mark.skipif("WSBOOK_DATA" not in os.environ, reason="WSBOOK_DATA is not set: no trained ResNet")
def test_the_epsilon_that_matches_the_paper():
    test = load("cifar10", "test")
    x, labels = standardise(test.images[::20], MEAN, STD), test.labels[::20]
    net = folded(load_resnet(20))
    moved = [fgsm(net, *part, PAPER_EPSILON, MEAN, STD) for part in zip(x.split(50), labels.split(50))]
    assert evaluate(net, torch.cat(moved), labels).accuracy == pytest.approx(0.7641, abs=0.03)
