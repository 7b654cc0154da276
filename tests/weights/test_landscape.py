"""Planes through weight space: norms, angles and the places of networks on them."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.resnet import ResNet
from wsbook.nets.train import initialise
from wsbook.weights.flatten import flatten
from wsbook.weights.landscape import directions, plane_through, state_at


def network(seed):
    state = initialise(ResNet(8, widths=(2, 3, 4)), torch.Generator().manual_seed(seed)).state_dict()
    state["bn1.num_batches_tracked"] += seed
    return state


def test_every_filter_of_a_direction_has_the_norm_of_the_networks_own():
    state = network(0)
    state["layer2.0.conv1.weight"][1] = 0
    first, second = directions(state, torch.Generator().manual_seed(1))
    for direction in (first, second):
        assert list(direction) == list(state)
        for name, weight in state.items():
            assert direction[name].shape == weight.shape and direction[name].dtype == weight.dtype
            if weight.dim() < 2:
                assert not direction[name].any()
                continue
            for ours, theirs in zip(direction[name], weight):
                torch.testing.assert_close(ours.norm(), theirs.norm())
    cosine = torch.cosine_similarity(flatten(first), flatten(second), dim=0)
    assert 0 < cosine.abs() < 0.2


def test_directions_follow_the_generator():
    state = network(0)
    again = [directions(state, torch.Generator().manual_seed(seed), n=3) for seed in (1, 1, 2)]
    assert len(again[0]) == 3
    assert torch.equal(again[0][2]["conv1.weight"], again[1][2]["conv1.weight"])
    assert not torch.equal(again[0][2]["conv1.weight"], again[2][2]["conv1.weight"])


def test_filter_normalisation_follows_the_scale_of_each_filter():
    state = network(0)
    scaled = state | {"conv1.weight": state["conv1.weight"] * torch.tensor([2.0, 5.0]).view(2, 1, 1, 1)}
    a, b = (directions(s, torch.Generator().manual_seed(1), n=1)[0] for s in (state, scaled))
    torch.testing.assert_close(b["conv1.weight"][1], 5 * a["conv1.weight"][1])
    assert torch.equal(a["linear.weight"], b["linear.weight"])


def test_the_plane_goes_through_its_three_networks():
    states = [network(seed) for seed in range(3)]
    origin, axes, places = plane_through(states)
    along, across = (flatten(axis) for axis in axes)
    assert along.dtype == torch.float64
    assert abs(along @ across) < 1e-12
    assert along.norm().item() == pytest.approx(1, abs=1e-12) == across.norm().item()
    assert places.shape == (3, 2) and not places[0].any() and abs(places[1, 1]) < 1e-10
    for state, (x, y) in zip(states, places.tolist()):
        there = state_at(origin, axes, x, y)
        assert list(there) == list(state)
        torch.testing.assert_close(flatten(there), flatten(state), rtol=1e-6, atol=1e-7)
        assert there["bn1.num_batches_tracked"] == 0
    distances = [
        (flatten(states[i]) - flatten(states[j])).double().norm() for i, j in ((0, 1), (0, 2), (1, 2))
    ]
    for (i, j), distance in zip(((0, 1), (0, 2), (1, 2)), distances):
        torch.testing.assert_close((places[i] - places[j]).norm(), distance)


def test_axes_are_exact_for_networks_almost_on_a_line():
    a, b = network(0), network(1)
    c = {k: a[k] + 0.5 * (b[k] - a[k]) if a[k].is_floating_point() else a[k] for k in a}
    c["conv1.weight"] = c["conv1.weight"] + 1e-3
    _, axes, _ = plane_through([a, b, c])
    assert abs(flatten(axes[0]) @ flatten(axes[1])) < 1e-12


def test_state_at_moves_along_both_axes():
    state = network(0)
    axes = directions(state, torch.Generator().manual_seed(1))
    assert all(torch.equal(t, state[name]) for name, t in state_at(state, axes, 0, 0).items())
    there = state_at(state, axes, 0.5, -2)
    expected = state["conv1.weight"] + 0.5 * axes[0]["conv1.weight"] - 2 * axes[1]["conv1.weight"]
    torch.testing.assert_close(there["conv1.weight"], expected)
    assert torch.equal(there["bn1.weight"], state["bn1.weight"])
    assert there["bn1.weight"].dtype == torch.float32


def test_bad_input():
    a, b = network(0), network(1)
    middle = {k: (a[k].double() + b[k]) / 2 for k in a}
    for states in ([a, b, middle], [a, a, b], [a, b, a], [a, b, b]):
        with pytest.raises(StudyError, match="lie on one line"):
            plane_through([{k: t.double() for k, t in s.items()} for s in states])
    for states in ([a, b], [a, b, {"conv1.weight": a["conv1.weight"]}]):
        with pytest.raises(StudyError, match="three networks of one architecture"):
            plane_through(states)
