"""Tokens hold every weight once, where a plain reading of the definition puts it."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_S
from wsbook.nets.library import NETWORKS, network
from wsbook.weights.flatten import flatten, shapes_of
from wsbook.weights.tokens import layout, tokens, untokened

SHAPES = {
    "conv.weight": (3, 2, 2, 2),
    "conv.bias": (3,),
    "bn.weight": (3,),
    "bn.bias": (3,),
    "fc.weight": (2, 12),
    "fc.bias": (2,),
}


def drawn(shapes, models=2, seed=0):
    count = sum(math.prod(shape) for shape in shapes.values())
    return torch.randn(models, count, generator=torch.Generator().manual_seed(seed))


def plain_tokens(state, size):
    """Rows channel by channel, as the definition says, with their positions."""
    rows, positions = [], []
    for number, layer in enumerate(dict.fromkeys(name.rpartition(".")[0] for name in state)):
        weight, bias = state[f"{layer}.weight"], state.get(f"{layer}.bias")
        for channel in range(len(weight)):
            row = weight[channel].flatten().tolist() + ([] if bias is None else [bias[channel].item()])
            row += [0.0] * (-len(row) % size)
            for start in range(0, len(row), size):
                positions.append([len(rows), number, channel])
                rows.append(row[start : start + size])
    return rows, positions


@pytest.mark.parametrize("size", [1, 4, 5, 9, 50])
def test_tokens_are_rows_of_channels_cut_and_padded(size):
    at, vector = layout(SHAPES, size), drawn(SHAPES)[0]
    parts = vector.split([math.prod(shape) for shape in SHAPES.values()])
    state = {name: part.view(shape) for (name, shape), part in zip(SHAPES.items(), parts)}
    rows, positions = plain_tokens(state, size)
    assert torch.equal(tokens(vector, at), torch.tensor(rows))
    assert at.positions.tolist() == positions


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 5), min_size=0, max_size=4), min_size=1, max_size=6),
    st.integers(1, 30),
)
def test_the_round_trip_is_exact_for_any_shapes(shapes, size):
    named = {
        f"{number}.weight" if number % 2 else f"p{number}": tuple(s) for number, s in enumerate(shapes)
    }
    at, vectors = layout(named, size), drawn(named, models=3)
    assert torch.equal(untokened(tokens(vectors, at), at), vectors)
    assert at.index[at.mask].sort().values.tolist() == list(range(at.weights))
    assert not tokens(vectors, at)[:, ~at.mask].any()


@pytest.mark.parametrize("name", ["resnet20", "resnet20-b", "mobilenet", "resnet8-digits"])
def test_the_round_trip_is_exact_for_real_networks(name):
    assert name in NETWORKS
    state = network(name, 10, 1 if "digits" in name else 3).state_dict()
    kept = {k: t for k, t in state.items() if not k.endswith(("running_mean", "running_var", "tracked"))}
    shapes, vector = shapes_of(kept), flatten(kept)
    assert torch.equal(untokened(tokens(vector, layout(shapes, 288)), layout(shapes, 288)), vector)


def test_the_references_networks_have_its_numbers_of_tokens():
    at = layout(CNN_S.shapes, 201)
    assert tuple(at.index.shape) == (48, 201) and at.weights == 2464


def test_padding_does_not_reach_the_weights():
    at, vectors = layout(SHAPES, 7), drawn(SHAPES)
    values = tokens(vectors, at)
    values[:, ~at.mask] = 1e9
    assert torch.equal(untokened(values, at), vectors)


def test_a_bias_of_another_length_is_a_layer_of_its_own():
    at = layout({"a.weight": (3, 2), "a.bias": (2,)}, 4)
    assert at.positions[:, 1].tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: layout(SHAPES, 0), "size of a token must be positive, not 0"),
        (lambda: layout({}, 3), "without weights has no tokens"),
        (lambda: tokens(torch.zeros(5), layout(SHAPES, 4)), "5 weights does not fit a layout of 59"),
        (lambda: untokened(torch.zeros(2, 4), layout(SHAPES, 4)), r"\(2, 4\) do not fit a layout"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(StudyError, match=message):
        call()
