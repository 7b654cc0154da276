"""Kernels of a network as rows, and back without a trace."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_S, SmallCNN
from wsbook.nets.resnet import ResNet
from wsbook.nets.train import initialise
from wsbook.weights.kernels import kernels, with_kernels


@pytest.fixture
def state():
    return initialise(ResNet(8, widths=(4, 6, 8)), torch.Generator().manual_seed(0)).state_dict()


def test_rows_are_the_kernels_at_their_coordinates(state):
    which = kernels(state)
    assert (
        len(which.values)
        == sum(which.counts)
        == sum(w.shape[0] * w.shape[1] for w in state.values() if w.dim() == 4)
    )
    for row in range(0, len(which.values), 7):
        layer, filter_, channel = which.coordinates[row].tolist()
        assert torch.equal(which.values[row], state[which.layers[layer]][filter_, channel].flatten())


def test_round_trip_is_exact(state):
    which = kernels(state)
    back = with_kernels(state, which, which.values)
    assert list(back) == list(state) and all(torch.equal(back[k], state[k]) for k in state)


def test_writing_back_changes_a_copy_and_only_the_kernels(state):
    which, before = kernels(state), {k: v.clone() for k, v in state.items()}
    changed = with_kernels(state, which, which.values + 1)
    assert all(torch.equal(state[k], before[k]) for k in state)
    for name in state:
        assert torch.equal(changed[name], state[name] + (name in which.layers))
    assert torch.equal(kernels(changed).values, which.values + 1)


def test_other_sizes_and_bad_input(state):
    assert kernels(SmallCNN(CNN_S).state_dict(), size=5).values.shape == (8 + 48, 25)
    with pytest.raises(StudyError, match="no 7x7 kernels"):
        kernels(state, size=7)
    which = kernels(state)
    with pytest.raises(StudyError, match="cannot replace"):
        with_kernels(state, which, which.values[1:])
