"""Networks as functions of weight vectors: torch's own modules, alone or many at once."""

import pytest
import torch
from torch import nn
from torch.nn.utils import vector_to_parameters

from wsbook.nets.evaluate import evaluate
from wsbook.nets.train import Recipe, train
from wsbook.zoo import functional
from wsbook.zoo.functional import CONDITIONING
from wsbook.zoo.growth import grow
from wsbook.zoo.networks import network
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

NAMES = {"resnet-digits": "digits", "vit-digits": "digits", "text-small": "text-a"}


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def module(name, vector):
    """A network of its own with these weights."""
    net = network(name).kind(*network(name).arguments)
    vector_to_parameters(vector.clone(), net.parameters())
    return net


def grown(name, seeds, lr=3e-3):
    """Networks after an epoch on a few batches, and the task."""
    zoo = Zoo(NAMES[name], name, len(seeds), epochs=1, kept=1, batch=32)
    inputs, labels = zoo.task.train
    data, own = (inputs[::8], labels[::8]), generators(*seeds)
    start = zoo.architecture.initial(own)
    *_, (weights, _) = grow(zoo.architecture, start, data, zoo, torch.full([len(seeds)], lr), own)
    return start, weights, data, zoo.task


@pytest.mark.parametrize("name", NAMES)
def test_networks_train_as_torchs_modules_do(name):
    start, weights, data, _ = grown(name, (1, 2))
    for seed, vector, end in zip((1, 2), start, weights):
        (generator,) = generators(seed)
        network(name).initial([generator])  # which has drawn the weights before the order of the inputs
        net, recipe = module(name, vector), Recipe(1, 32, 3e-3, schedule="constant")
        train(net, *data, recipe, generator)
        torch.testing.assert_close(
            end, nn.utils.parameters_to_vector(net.parameters()).detach(), rtol=1e-3, atol=1e-4
        )


@pytest.mark.parametrize("name", NAMES)
def test_many_at_once_are_as_one_after_another(name, monkeypatch):
    _, alone, _, on = grown(name, (1, 2, 3))
    scores = network(name).score(alone, on, "val")
    monkeypatch.setattr(functional, "together", lambda weights: True)
    monkeypatch.setattr(functional.FunctionalNetwork, "stack", 3)
    _, at_once, _, _ = grown(name, (1, 2, 3))
    torch.testing.assert_close(at_once, alone, rtol=1e-3, atol=1e-4)
    for a, b in zip(network(name).score(alone, on, "val"), scores):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_drawn_from_the_generator_alone(name):
    drawn = []
    for seed in (0, 1):
        with torch.random.fork_rng():
            torch.manual_seed(seed)  # of the global generator, which is to make no difference
            drawn.append(network(name).initial(generators(5, 6)))
    assert torch.equal(*drawn) and not torch.equal(*drawn[0])


def test_statistics_are_torchs_over_images_of_all_classes():
    name = "resnet-digits"
    _, weights, _, on = grown(name, (1, 2))
    inputs, labels = on.train
    chosen = torch.arange(CONDITIONING) * (len(inputs) - 1) // (CONDITIONING - 1)
    assert labels[chosen].bincount().min() > 40
    accuracy, loss = network(name).score(weights, on, "test")
    for row, vector in enumerate(weights):
        net = module(name, vector).train()
        for layer in net.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.reset_running_stats()
                layer.momentum = None
        with torch.no_grad():
            net(inputs[chosen])
        found = network(name).conditioned(weights, on)
        for key, buffer in net.named_buffers():
            if buffer.is_floating_point():
                torch.testing.assert_close(found[key][row], buffer, rtol=1e-5, atol=1e-6)
        expected = evaluate(net, *on.test)
        assert accuracy[row].item() == pytest.approx(expected.accuracy, abs=1e-9)
        assert loss[row].item() == pytest.approx(expected.loss, rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_judging_leaves_no_trace(name):
    """Scores depend on weights and task alone: not on the network before, nor on training in between."""
    _, weights, data, on = grown(name, (1, 2))
    net = network(name)
    first = net.score(weights, on, "test")
    net.logits(weights * 3, data[0][None])
    torch.testing.assert_close(net.score(weights.flip(0), on, "test")[1].flip(0), first[1])
    hits = (net.decisions(weights, on, "test") == on.test[1]).double().mean(1)
    assert torch.equal(hits, first[0])


def test_few_training_images_are_all_used():
    inputs, labels = Zoo("digits", "resnet-digits").task.train
    on = Task((inputs[:30], labels[:30]), (inputs, labels), (inputs, labels))
    net = network("resnet-digits")
    net.logits(weights := net.initial(generators(0)), inputs[None, :30])
    found = net.conditioned(weights, on)["bn1.running_mean"][0]
    conv = module("resnet-digits", weights[0]).conv1
    torch.testing.assert_close(found, conv(inputs[:30]).mean((0, 2, 3)).detach())
