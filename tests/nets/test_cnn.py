"""Small CNNs: the spec's parameter names, shapes and sizes are those of the network."""

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS, CNN_S, CNNSpec, Conv, SmallCNN

CNN_L = CNNSpec(32, 3, (Conv(16, 3, 2), Conv(32, 3, 2), Conv(15, 3, 2)), (20,))


@pytest.mark.parametrize("spec, size", [(CNN_S, 2464), (CNN_L, 10853), (CNN_DIGITS, 1666)])
def test_shapes_are_those_of_the_network(spec, size):
    state = SmallCNN(spec).state_dict()
    assert {name: tuple(t.shape) for name, t in state.items()} == spec.shapes
    assert list(state) == list(spec.shapes)
    assert spec.size == size == sum(t.numel() for t in state.values())


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "sigmoid"])
def test_forward(activation):
    net = SmallCNN(CNNSpec(8, 2, (Conv(3, 3, 2),), (7, 5), classes=4, activation=activation))
    assert net(torch.zeros(6, 2, 8, 8)).shape == (6, 4)
