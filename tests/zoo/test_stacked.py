"""The stacked forward pass is each network's own, values and gradients."""

import pytest
import torch
import torch.nn.functional as F
from torch.func import functional_call

from wsbook.nets.cnn import CNN_DIGITS, CNN_S, CNNSpec, Conv, SmallCNN
from wsbook.nets.evaluate import evaluate
from wsbook.weights.flatten import flatten, unflatten
from wsbook.zoo.stacked import logits, score

SPECS = [
    CNN_DIGITS,
    CNN_S,
    CNNSpec(11, 3, (Conv(4, 4, 2), Conv(5, 3)), (), classes=3, activation="tanh"),
    CNNSpec(12, 2, (Conv(3, 2, 3),), (5, 4), classes=3, activation="gelu"),
    CNNSpec(4, 2, (), (5, 4), classes=3),
    CNNSpec(13, 1, (Conv(4, 3, 2), Conv(16, 2, 3)), (5,), classes=3, activation="sigmoid"),
]


def drawn(spec, models, images, seed=0):
    generator = torch.Generator().manual_seed(seed)
    weights = 0.3 * torch.randn(models, spec.size, generator=generator, dtype=torch.float64)
    shape = (models, images, spec.channels, spec.side, spec.side)
    return weights, torch.randn(shape, generator=generator, dtype=torch.float64)


def one_by_one(spec, weights, images):
    net = SmallCNN(spec).double()
    return torch.stack(
        [functional_call(net, unflatten(w, spec.shapes), (x,)) for w, x in zip(weights, images)]
    )


@pytest.mark.parametrize("spec", SPECS)
def test_values_and_gradients_are_those_of_the_networks(spec):
    weights, images = drawn(spec, 3, 5)
    results = []
    for forward in (logits, one_by_one):
        leaf = weights.clone().requires_grad_()
        out = forward(spec, leaf, images)
        out.square().sum().backward()
        results.append((out.detach(), leaf.grad))
    (out, grad), (expected, expected_grad) = results
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(grad, expected_grad)


def test_images_shared_by_all_networks():
    weights, images = drawn(CNN_DIGITS, 4, 6)
    same = images[:1]
    leaf = weights.clone().requires_grad_()
    logits(CNN_DIGITS, leaf, same).square().sum().backward()
    other = weights.clone().requires_grad_()
    logits(CNN_DIGITS, other, same.expand(4, -1, -1, -1, -1)).square().sum().backward()
    torch.testing.assert_close(leaf.grad, other.grad)


def test_tied_maxima_send_the_gradient_once():
    """On constant images all positions of a window tie: one winner each, as in torch's max-pooling."""
    weights, images = drawn(CNN_DIGITS, 2, 3)
    images = torch.ones_like(images)
    grads = []
    for forward in (logits, one_by_one):
        leaf = weights.clone().requires_grad_()
        forward(CNN_DIGITS, leaf, images).square().sum().backward()
        grads.append(leaf.grad)
    torch.testing.assert_close(*grads)


def test_scores_are_those_of_single_evaluations():
    generator = torch.Generator().manual_seed(0)
    nets = [SmallCNN(CNN_DIGITS) for _ in range(5)]
    weights = torch.stack([flatten(net.state_dict()) for net in nets])
    images = torch.randn(50, 1, 8, 8, generator=generator)
    labels = torch.randint(10, (50,), generator=generator)
    accuracy, loss = score(CNN_DIGITS, weights, images, labels, stack=2, batch=16)
    for net, a, l in zip(nets, accuracy, loss):
        single = evaluate(net, images, labels)
        assert a.item() == pytest.approx(single.accuracy) and l.item() == pytest.approx(
            single.loss, rel=1e-5
        )


@pytest.mark.parametrize("spec", SPECS)
def test_without_gradients_the_same_comes_of_few_networks_at_a_time(spec, monkeypatch):
    weights, images = drawn(spec, 5, 4)
    for seen in (images.repeat(2, 1, 1, 1, 1)[:5], images[:1]):
        expected = logits(spec, weights.clone().requires_grad_(), seen).detach()
        for cached in (1, 10**9):  # one network at a time, or all
            monkeypatch.setattr("wsbook.zoo.convolution.CACHED", cached)
            with torch.no_grad():
                torch.testing.assert_close(logits(spec, weights, seen), expected)


def test_labels_do_matter():
    weights, images = drawn(CNN_DIGITS, 1, 40)
    images, weights = images[0].float(), weights.float()
    truth = logits(CNN_DIGITS, weights, images[None])[0].argmax(1)
    assert score(CNN_DIGITS, weights, images, truth)[0].item() == 1
    assert score(CNN_DIGITS, weights, images, (truth + 1) % 10)[0].item() == 0
    expected = F.cross_entropy(logits(CNN_DIGITS, weights, images[None])[0], truth)
    assert score(CNN_DIGITS, weights, images, truth)[1].item() == pytest.approx(expected.item(), rel=1e-5)
