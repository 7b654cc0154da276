"""Weight vectors: exact round trips, for one network and for stacks of them."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_S, SmallCNN
from wsbook.nets.resnet import ResNet
from wsbook.weights.flatten import flatten, shapes_of, unflatten


@pytest.mark.parametrize("net", [SmallCNN(CNN_S), ResNet(8)])
def test_round_trip_is_exact(net):
    state = net.state_dict()
    shapes = shapes_of(state)
    vector = flatten(state)
    assert vector.shape == (sum(t.numel() for n, t in state.items() if n in shapes),)
    back = unflatten(vector, shapes)
    assert all(torch.equal(back[name], state[name]) for name in shapes)
    assert not any(name.endswith("num_batches_tracked") for name in shapes)


def test_stacks():
    vectors = torch.randn(3, 2, CNN_S.size, generator=torch.Generator().manual_seed(0))
    tensors = unflatten(vectors, CNN_S.shapes)
    assert tensors["conv2.weight"].shape == (3, 2, 6, 8, 5, 5)
    assert torch.equal(flatten(tensors, CNN_S.shapes), vectors)
    assert torch.equal(flatten({k: t[1, 0] for k, t in tensors.items()}), vectors[1, 0])


def test_wrong_length():
    with pytest.raises(StudyError, match="2463 weights does not fit a network of 2464"):
        unflatten(torch.zeros(CNN_S.size - 1), CNN_S.shapes)
