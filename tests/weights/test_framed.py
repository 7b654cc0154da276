"""Kernels of one and of nine weights in the 3x3 frame, and back without a trace."""

import pytest
import torch
from torch import nn

from wsbook.errors import StudyError
from wsbook.nets.resnet import ResNet
from wsbook.weights.framed import framed, unframed, weights_of


class Mixed(nn.Module):
    """3x3, 1x1 and depthwise convolutions, batch normalisation and a linear layer."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.depthwise = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.pointwise = nn.Conv2d(4, 5, 1)
        self.linear = nn.Linear(5, 3)

    def forward(self, x):
        return self.linear(self.pointwise(self.depthwise(self.norm(self.stem(x)).relu())).mean((2, 3)))


@pytest.fixture
def net():
    net = Mixed().eval()
    generator = torch.Generator().manual_seed(0)
    for tensor in net.parameters():
        tensor.data.normal_(generator=generator)
    return net


def test_rows_are_the_kernels_at_their_coordinates(net):
    state = net.state_dict()
    frame = framed(state)
    assert frame.layers == ("stem.weight", "depthwise.weight", "pointwise.weight")
    assert frame.counts == [8, 4, 20] and frame.weights == 9 * 12 + 20
    assert frame.values.dtype == torch.float32 and frame.coordinates.dtype == torch.int64
    for row, (layer, filter_, channel) in enumerate(frame.coordinates.tolist()):
        kernel = state[frame.layers[layer]][filter_, channel].flatten()
        assert torch.equal(frame.values[row][frame.present[row]], kernel)
        assert not frame.values[row][~frame.present[row]].any()
        if len(kernel) == 1:
            assert frame.present[row].nonzero().item() == 4


def test_order_and_choice_of_layers(net):
    frame = framed(net.state_dict(), ["pointwise.weight", "stem.weight"])
    assert frame.layers == ("pointwise.weight", "stem.weight") and frame.counts == [20, 8]
    assert frame.shapes == {"pointwise.weight": (5, 4, 1, 1), "stem.weight": (4, 2, 3, 3)}
    assert len(framed(ResNet(20).state_dict()).values) == 29_744
    assert framed(ResNet(20).state_dict()).weights == 267_696


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_round_trip_is_exact(net, dtype):
    state = net.to(dtype).state_dict()
    frame = framed(state)
    back = unframed(state, frame, frame.values)
    assert list(back) == list(state)
    for name in state:
        assert torch.equal(back[name], state[name]) and back[name].dtype == state[name].dtype
        assert back[name].is_contiguous()


def test_writing_back_changes_a_copy_and_only_the_kernels(net):
    state = net.state_dict()
    before, frame = {k: v.clone() for k, v in state.items()}, framed(state)
    changed = unframed(state, frame, frame.values + 1)
    for name in state:
        assert torch.equal(state[name], before[name])
        assert torch.equal(changed[name], state[name] + (name in frame.layers))
    framed(changed).values.zero_()
    frame.values.zero_()
    assert all(torch.equal(state[name], before[name]) for name in state)


def test_gradients_flow_to_the_values_that_are_present(net):
    frame = framed(net.state_dict())
    values = frame.values.clone().requires_grad_()
    weights = weights_of(frame, net.state_dict(), values)
    assert all(
        w.untyped_storage().data_ptr() == values.untyped_storage().data_ptr() for w in weights.values()
    )
    images = torch.randn(3, 2, 6, 6, generator=torch.Generator().manual_seed(1))
    torch.func.functional_call(net, weights, (images,)).square().sum().backward()
    net(images).square().sum().backward()
    gradient = framed({name: dict(net.named_parameters())[name].grad for name in frame.layers})
    torch.testing.assert_close(values.grad, gradient.values)
    assert values.grad[frame.present].abs().min() > 0 and not values.grad[~frame.present].any()


def test_bad_input(net):
    state = net.state_dict()
    with pytest.raises(StudyError, match="wide.weight has 5x5 kernels"):
        framed(state | {"wide.weight": torch.zeros(2, 2, 5, 5)})
    with pytest.raises(StudyError, match="tall.weight has 3x1"):
        framed({"tall.weight": torch.zeros(2, 2, 3, 1)})
    for layer in ("nowhere", "linear.weight"):
        with pytest.raises(StudyError, match=f"no convolution named {layer}; choose among stem.weight"):
            framed(state, [layer])
    with pytest.raises(StudyError, match="no convolution named at all"):
        framed({"linear.weight": torch.zeros(2, 2)})
    frame = framed(state)
    with pytest.raises(StudyError, match="cannot replace"):
        weights_of(frame, state, frame.values[1:])
    with pytest.raises(StudyError, match="pointwise.weight of this network does not have the shape"):
        weights_of(frame, state | {"pointwise.weight": torch.zeros(4, 5, 1, 1)}, frame.values)
    with pytest.raises(StudyError, match="stem.weight of this network"):
        unframed({}, frame, frame.values)
