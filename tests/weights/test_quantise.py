"""int8 weights: within half a step, exact where they can be, and nothing else touched."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.resnet import ResNet
from wsbook.weights.quantise import dequantise, quantise, quantised_state, quantised_tensors


@pytest.fixture
def state():
    return ResNet(8, widths=(4, 6, 8)).state_dict()


@pytest.mark.parametrize("shape", [(5, 4, 3, 3), (7, 3)])
def test_every_weight_is_within_half_a_step(shape):
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * torch.arange(
        1.0, shape[0] + 1
    ).view(-1, *[1] * (len(shape) - 1))
    levels, scale = quantise(weight)
    assert levels.dtype == torch.int8 and levels.shape == weight.shape and scale.shape == shape[:1]
    assert (levels.flatten(1).abs().amax(1) == 127).all()
    error = (dequantise(levels, scale) - weight).flatten(1).abs().amax(1)
    assert (error <= scale * 0.50001).all() and (error > scale * 0.3).any()
    for row, channel in enumerate(weight):  # element by element
        step = channel.abs().max().item() / 127
        plain = [round(w / step) for w in channel.flatten().tolist()]
        assert (levels[row].flatten() - torch.tensor(plain)).abs().max() <= 0
        assert scale[row].item() == pytest.approx(step)


def test_multiples_of_a_step_are_exact_and_zeros_stay_zero():
    weight = torch.tensor([[-127.0, 3.0, 126.0], [0.0, 0.0, 0.0], [0.25, -0.5, 127 / 4]])
    levels, scale = quantise(weight)
    assert torch.equal(dequantise(levels, scale), weight)
    assert scale.tolist() == [1, 1, 0.25]
    assert torch.equal(quantise(-weight)[0], -levels)


def test_quantised_states(state):
    everything = quantised_state(state)
    assert list(everything) == list(state)
    for name, tensor in state.items():
        changed = tensor.dim() > 1
        assert torch.equal(everything[name], dequantise(*quantise(tensor)) if changed else tensor)
        assert everything[name].dtype == tensor.dtype and everything[name].data_ptr() != tensor.data_ptr()
        assert torch.equal(everything[name], tensor) != changed
    one = quantised_state(state, ["conv1.weight"])
    assert [n for n in state if not torch.equal(one[n], state[n])] == ["conv1.weight"]
    assert all(torch.equal(w, state[name]) for name, w in quantised_state(state, []).items())


def test_what_is_stored_gives_the_quantised_network(state):
    stored = quantised_tensors(state)
    assert set(stored) == set(state) | {f"{n}.scale" for n, t in state.items() if t.dim() > 1}
    for name, tensor in quantised_state(state).items():
        kept = stored[name]
        if kept.dtype == torch.int8:
            kept = dequantise(kept, stored[f"{name}.scale"])
        assert torch.equal(kept, tensor)


def test_unknown_weights(state):
    for name in ("conv7.weight", "bn1.weight"):
        with pytest.raises(StudyError, match=f"no weight {name} to quantise; choose among conv1.weight"):
            quantised_state(state, [name])
