"""Every architecture: its size, its symmetries, its tokens, and that it learns."""

import math
from functools import cache

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.method.windows import Feed, Source
from wsbook.weights.symmetry import Group, match, permute, random_permutations
from wsbook.weights.tokens import layout, tokens, untokened
from wsbook.zoo.growth import grow
from wsbook.zoo.networks import NETWORKS, network
from wsbook.zoo.setting import Zoo

SIZES = {
    "cnn-s": 2_464, "cnn-l": 10_853, "cnn-digits": 1_666, "mlp": 9_706, "mlp-digits": 1_930,
    "resnet-small": 19_810, "resnet-digits": 5_122, "resnet18": 11_173_962,
    "vit-small": 19_402, "vit-digits": 2_714, "text-small": 4_810,
}  # fmt: skip
SMALL = sorted(SIZES.keys() - {"resnet18"})


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@cache
def some(name, count=1):
    """Weight vectors where nothing, no bias and no scale, is as it is at the start."""
    start = network(name).initial([seeded(k) for k in range(count)])
    return start + 0.1 * torch.randn(start.shape, generator=seeded(9))


def inputs(name, count=4):
    net = network(name)
    if net.channels:
        return torch.randn(1, count, net.channels, net.side, net.side, generator=seeded(1))
    return torch.randint(28, (1, count, net.side), generator=seeded(1))


@pytest.mark.parametrize("name", NETWORKS)
def test_sizes(name):
    assert sum(math.prod(shape) for shape in network(name).shapes.values()) == SIZES[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_permuted_hidden_units_leave_the_function_alone(name):
    net, vectors, x = network(name), some(name), inputs(name)
    moved = permute(vectors, net.shapes, net.units, random_permutations(net.units, seeded(2)))
    assert not torch.equal(moved, vectors)
    torch.testing.assert_close(net.logits(moved, x), net.logits(vectors, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_every_axis_of_a_group_has_to_move_with_it(name):
    net, vectors, x = network(name), some(name), inputs(name)
    before = net.logits(vectors, x)
    for group in net.units:
        if isinstance(group, Group):
            for left_out in group.axes:
                axes = tuple(axis for axis in group.axes if axis != left_out)
                order = [group.identity.roll(1)]
                torn = permute(vectors, net.shapes, (Group(group.size, axes),), order)
                assert (net.logits(torn, x) - before).abs().max() > 1e-4, left_out


@pytest.mark.parametrize("name", SMALL)
def test_matching_undoes_a_permutation(name):
    net, vectors = network(name), some(name)
    hidden = permute(vectors, net.shapes, net.units, random_permutations(net.units, seeded(3)))[0]
    found = match(hidden, vectors[0], net.shapes, net.units, seeded(4))
    assert torch.equal(permute(hidden, net.shapes, net.units, found), vectors[0])


@pytest.mark.parametrize("name", NETWORKS)
def test_tokens_hold_all_weights(name):
    at, vectors = layout(network(name).shapes, 60), some(name)
    assert torch.equal(untokened(tokens(vectors, at), at), vectors)
    assert at.mask.sum() == SIZES[name]


def test_windows_of_two_architectures_join():
    names, size, window = ("vit-digits", "resnet-digits"), 40, 400  # more tokens than either has
    vectors = [some(name, 2) for name in names]
    sources = [Source(v, network(name), size, seeded(k)) for k, (v, name) in enumerate(zip(vectors, names))]
    views = Feed(sources, window, seeded(5)).draw(8)
    for row, (one, other) in enumerate(zip(views[0].mask, views[1].mask)):
        assert torch.equal(one, other)
        (kind,) = (k for k, v in enumerate(vectors) if v.shape[1] == one.sum())
        at, net, x = sources[kind].layout, network(names[kind]), inputs(names[kind])
        known = net.logits(vectors[kind], x)
        for view in views:
            restored = untokened(view.tokens[row, : len(at.index)], at)
            away = (net.logits(restored[None], x) - known).abs().amax((1, 2))
            assert away.min() < 1e-4 < away.max()


@pytest.mark.parametrize(
    "name, data, lr, epochs, least",
    [
        ("cnn-digits", "digits", 1e-2, 4, 0.8),
        ("mlp-digits", "digits", 1e-2, 3, 0.85),
        ("resnet-digits", "digits", 1e-2, 3, 0.85),
        ("vit-digits", "digits", 1e-2, 5, 0.6),
        ("text-small", "text-a", 5e-3, 3, 0.6),  # chance: 0.36
    ],
)
def test_architectures_learn(name, data, lr, epochs, least):
    zoo = Zoo(data, name, 1, epochs=epochs, kept=1)
    start = zoo.architecture.initial([seeded(11)])
    *_, (weights, _) = grow(zoo.architecture, start, zoo.task.train, zoo, torch.tensor([lr]), [seeded(11)])
    assert zoo.architecture.score(weights, zoo.task, "test")[0].item() > least


@pytest.mark.parametrize("name", ["cnn-l", "resnet18"])
def test_coloured_images_come_in_three_channels(name):
    zoo = Zoo("digits", name)
    pixels, _ = zoo.task.val
    assert pixels.shape == (360, 3, 32, 32) and zoo.architecture.logits(some(name), pixels[None, :2]).shape
    assert torch.equal(pixels[:, 0], pixels[:, 2])  # grey images have three equal ones


@pytest.mark.parametrize(
    "zoo, message",
    [
        ({"network": "resnet-small", "activation": "tanh"}, "activation of a ResNet is relu, not tanh"),
        ({"activation": "step"}, "no activation 'step'; choose one of own, relu"),
        ({"data": "text-a"}, "one of text-a and cnn-s is about text"),
        ({"network": "text-small"}, "one of mnist and text-small is about text"),
    ],
)
def test_what_does_not_go_together_is_refused(zoo, message):
    with pytest.raises(StudyError, match=message):
        Zoo(**zoo)


def test_activations_are_those_asked_for():
    x, vectors = inputs("vit-digits"), some("vit-digits")
    one, other = (network("vit-digits", activation) for activation in ("gelu", "sigmoid"))
    assert network("vit-digits") == one != other != network("resnet-digits")
    assert not torch.allclose(one.logits(vectors, x), other.logits(vectors, x), atol=1e-3)
