"""Every ordering equals a plain greedy one, whatever the ties; fast paths change no step."""

import math
import os

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.resnet import ResNet, load_resnet
from wsbook.weights import ordering
from wsbook.weights.framed import framed
from wsbook.weights.ordering import cross_filter, in_filter, ordered_coordinates

needs_data = pytest.mark.skipif(
    "WSBOOK_DATA" not in os.environ, reason="WSBOOK_DATA is not set: no ResNet-20"
)


def cosine(a, b):
    """Of two lists of numbers, unit vectors first, then products from first to last."""
    lengths = [math.sqrt(running_sum(x * x for x in v)) for v in (a, b)]
    if 0 in lengths:
        return 0.0
    return running_sum((x / lengths[0]) * (y / lengths[1]) for x, y in zip(a, b))


def running_sum(numbers):
    total = 0.0
    for number in numbers:
        total += number
    return total


def plain_path(similarity, n):
    """Greedy nearest neighbour from 0, ties to the lowest index."""
    path, left = [0], list(range(1, n))
    while left:
        best = max(left, key=lambda i: similarity(path[-1], i))  # the first of several maxima
        path.append(best)
        left.remove(best)
    return path


def ranks(path):
    return torch.tensor(path).argsort()


def plain_in_filter(weight):
    filters = weight.flatten(2).tolist()
    paths = [plain_path(lambda i, j, f=f: cosine(f[i], f[j]), len(f)) for f in filters]
    ordered = [[f[i] for i in path] for f, path in zip(filters, paths)]
    order = plain_path(lambda f, g: running_sum(map(cosine, ordered[f], ordered[g])), len(filters))
    return ranks(order), torch.stack([ranks(path) for path in paths])


def plain_cross_filter(weight):
    kernels = weight.flatten(2).flatten(0, 1).tolist()
    return ranks(plain_path(lambda i, j: cosine(kernels[i], kernels[j]), len(kernels)))


def full_search(weight):
    """Cross-filter ranks, every kernel compared with all others in every step; for larger layers."""
    elements = torch.from_numpy(ordering._units(weight)).flatten(0, 1).T.contiguous()
    path, passed = [0], torch.zeros(elements.shape[1], dtype=torch.bool)
    while len(path) < elements.shape[1]:
        passed[path[-1]] = True
        here = elements[:, path[-1]]
        scores = torch.zeros(elements.shape[1], dtype=torch.float64)
        for x, row in zip(here, elements):
            scores += x * row
        scores[passed] = -torch.inf
        path.append(int(scores.numpy().argmax()))
    return ranks(path)


def awkward(kind):
    """Weights (6, 8, 3, 3) or (6, 8, 1, 1) with zeros, ties and near ties."""
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(6, 8, 3, 3, generator=generator)
    if kind == "few directions":
        weight = weight[:1, :3].reshape(3, 3, 3)[torch.randint(3, (6, 8), generator=generator)]
        weight = weight * torch.randint(
            -2, 4, (6, 8, 1, 1), generator=generator
        )  # zero and opposite ones too
    if kind == "signs":
        weight = torch.randint(-1, 2, (6, 8, 1, 1), generator=generator).float()
    if kind == "almost equal":
        weight = weight[0, 0] + 1e-6 * weight
    if kind == "integers":
        weight = torch.randint(-1, 2, (6, 8, 3, 3), generator=generator).float()
    if kind == "zero first":
        weight[0, 0], weight[2], weight[3] = 0, 0, weight[1]
    if kind == "depthwise":
        weight = weight.view(48, 1, 3, 3)
    return weight


KINDS = ("random", "few directions", "almost equal", "signs", "integers", "zero first", "depthwise")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [1, 20, 16384])
def test_orders_are_those_of_the_plain_greedy_path(kind, block, monkeypatch):
    monkeypatch.setattr(ordering, "BLOCK", block)
    weight = awkward(kind)
    for fast, plain in zip(in_filter(weight), plain_in_filter(weight)):
        assert torch.equal(fast, plain)
    assert torch.equal(cross_filter(weight), plain_cross_filter(weight))


@pytest.mark.parametrize("kind", KINDS)
def test_lists_of_neighbours_change_no_step(kind, monkeypatch):
    monkeypatch.setattr(ordering, "PER_ANCHOR", 4)
    monkeypatch.setattr(ordering, "CAP", 12)
    monkeypatch.setattr(ordering, "LISTED", 4)
    monkeypatch.setattr(ordering, "ROWS", 7)
    weight = awkward(kind)
    assert torch.equal(cross_filter(weight), plain_cross_filter(weight))


@pytest.mark.parametrize("smooth", [False, True])
def test_lists_are_used_and_exact_on_a_larger_layer(smooth, monkeypatch):
    monkeypatch.setattr(ordering, "CAP", 200)
    generator = torch.Generator().manual_seed(4)
    weight = torch.randn(32, 32, 9, generator=generator)
    if smooth:  # kernels that share most of their variance, as trained ones do
        common = torch.randn(32, 32, 2, generator=generator) @ torch.randn(2, 9, generator=generator)
        weight = common + 0.1 * weight
    weight = weight.view(32, 32, 3, 3)
    searched = []
    full = ordering._Left.closest

    def count(left, here):
        searched.append(left.bounds[left.place[here]].tolist())
        return full(left, here)

    monkeypatch.setattr(ordering._Left, "closest", count)
    assert torch.equal(cross_filter(weight), full_search(weight))
    assert sum(start < stop for start, stop in searched) > 300


def test_coordinates_hold_the_ranks():
    net = ResNet(8, widths=(3, 4, 5))
    for tensor in net.parameters():
        tensor.data.normal_(generator=torch.Generator().manual_seed(tensor.numel()))
    frame = framed(net.state_dict())
    assert torch.equal(ordered_coordinates(frame, "none"), frame.coordinates)
    inside, across = (ordered_coordinates(frame, order) for order in ("in-filter", "cross-filter"))
    for row, (layer, f, c) in enumerate(frame.coordinates.tolist()):
        weight = net.state_dict()[frame.layers[layer]]
        filters, channels = in_filter(weight)
        assert inside[row].tolist() == [layer, filters[f], channels[f, c]]
        rank = cross_filter(weight)[f * weight.shape[1] + c].item()
        assert across[row].tolist() == [layer, rank // weight.shape[1], rank % weight.shape[1]]
    for coordinates in (inside, across):
        assert coordinates.dtype == torch.int64
        assert torch.equal(coordinates.unique(dim=0), frame.coordinates)


def test_pointwise_layers_are_ordered_by_their_centres():
    weight = torch.randn(5, 4, 1, 1, generator=torch.Generator().manual_seed(0))
    coordinates = ordered_coordinates(framed({"pointwise": weight}), "cross-filter")
    rank = cross_filter(weight)
    assert torch.equal(coordinates[:, 1:], torch.stack([rank // 4, rank % 4], dim=1))
    positive = weight.flatten() * weight.flatten()[0] > 0
    assert rank[positive].max() < rank[~positive].min()


def test_bad_input():
    frame = framed({"layer": torch.ones(2, 2, 3, 3)})
    with pytest.raises(StudyError, match="unknown order 'across'; choose none, in-filter"):
        ordered_coordinates(frame, "across")
    with pytest.raises(StudyError, match="undefined"):
        ordered_coordinates(framed({"layer": torch.full((2, 2, 3, 3), torch.nan)}), "in-filter")


@needs_data
def test_orders_of_a_trained_network():
    state = load_resnet(20).state_dict()
    small, large = state["layer1.0.conv1.weight"], state["layer2.1.conv1.weight"]
    for fast, plain in zip(in_filter(small), plain_in_filter(small)):
        assert torch.equal(fast, plain)
    assert torch.equal(cross_filter(large), full_search(large))
