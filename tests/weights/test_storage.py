"""Bytes on disk: orderings survive packing; sizes are those of files, and of the reference's networks."""

import math
import types

import pytest
import torch
from safetensors.torch import load_file, save_file

from wsbook.errors import StudyError
from wsbook.nets.resnet import ResNet
from wsbook.weights.framed import framed
from wsbook.weights.ordering import ordered_coordinates
from wsbook.weights.quantise import quantised_tensors
from wsbook.weights.storage import pack, pack_order, permutation_bytes, tensor_bytes, unpack, unpack_order


def cifar_shapes(depth):
    """Predicted layers of a CIFAR ResNet with shortcuts of option B: 1x1 convolutions to new widths."""
    shapes, fan_in = [(16, 3, 3, 3)], 16
    for width in (16, 32, 64):
        for _ in range((depth - 2) // 6):
            shapes += [(width, fan_in, 3, 3), (width, width, 3, 3)]
            shapes += [(width, fan_in, 1, 1)] if width != fan_in else []
            fan_in = width
    return shapes


def resnet18_shapes():
    shapes, fan_in = [], 64
    for width in (64, 128, 256, 512):
        for _ in range(2):
            shapes += [(width, fan_in, 3, 3), (width, width, 3, 3)]
            fan_in = width
    return shapes


def of_shapes(shapes):
    """As much of a frame as sizes depend on."""
    return types.SimpleNamespace(shapes=dict(enumerate(shapes)))


@pytest.mark.parametrize(
    "shapes, layers, kernels, order, size, hidden, share",
    [
        (cifar_shapes(20), 21, 32_304, "in-filter", 22_944, 140, 0.061),
        (cifar_shapes(20), 21, 32_304, "cross-filter", 45_476, 140, 0.121),
        (cifar_shapes(56), 57, 96_816, "in-filter", 69_936, 280, 0.057),
        (cifar_shapes(56), 57, 96_816, "cross-filter", 137_636, 280, 0.112),
        (resnet18_shapes(), 16, 1_220_608, "cross-filter", 2_626_560, 700, 0.40),
        (resnet18_shapes(), 16, 1_220_608, "cross-filter", 2_626_560, 1024, 0.19),
        (resnet18_shapes(), 16, 1_220_608, "cross-filter", 2_626_560, 1372, 0.11),
    ],
)
def test_sizes_of_the_reference_networks(shapes, layers, kernels, order, size, hidden, share):
    frame = of_shapes(shapes)
    assert len(shapes) == layers and sum(f * c for f, c, *_ in shapes) == kernels
    assert permutation_bytes(frame, order) == size
    assert size / (4 * (3 * hidden**2 + 253 * hidden + 9)) == pytest.approx(share, abs=0.0051)


def test_size_is_the_plain_sum():
    shapes = [(1, 1, 3, 3), (5, 3, 3, 3), (2, 9, 1, 1)]
    inside = sum(f * math.ceil(math.log2(f)) + f * c * math.ceil(math.log2(c)) for f, c, *_ in shapes)
    across = sum(f * c * math.ceil(math.log2(f * c)) for f, c, *_ in shapes)
    assert permutation_bytes(of_shapes(shapes), "in-filter") == math.ceil(inside / 8)
    assert permutation_bytes(of_shapes(shapes), "cross-filter") == math.ceil(across / 8)
    assert permutation_bytes(of_shapes(shapes), "none") == 0


@pytest.mark.parametrize("order", ["none", "in-filter", "cross-filter"])
def test_orderings_survive_packing(order):
    net = ResNet(8, widths=(3, 4, 5))
    for tensor in net.parameters():
        tensor.data.normal_(generator=torch.Generator().manual_seed(tensor.numel()))
    frame = framed(net.state_dict() | {"one": torch.ones(1, 1, 1, 1), "deep": torch.rand(6, 1, 3, 3)})
    coordinates = ordered_coordinates(frame, order)
    packed = pack_order(frame, coordinates, order)
    assert len(packed) == permutation_bytes(frame, order)
    back = unpack_order(frame, packed, order)
    assert back.dtype == torch.int64 and torch.equal(back, coordinates)


def test_pack_is_a_stream_of_bits():
    numbers = [torch.tensor([5, 0, 7]), torch.tensor([0, 0]), torch.tensor([1])]
    packed = pack(numbers, [3, 0, 9])
    assert packed == bytes([0b10100011, 0b10000000, 0b01000000])
    for before, after in zip(numbers, unpack(packed, [(3, 3), (2, 0), (1, 9)])):
        assert torch.equal(before, after)
    assert pack([], []) == b"" and unpack(b"", []) == []


def test_tensor_bytes_are_those_of_the_file(tmp_path):
    state = ResNet(8, widths=(3, 4, 5)).state_dict()
    for tensors in (state, quantised_tensors(state)):
        save_file(tensors, tmp_path / "net.safetensors")
        assert tensor_bytes(tensors) == (tmp_path / "net.safetensors").stat().st_size
        assert load_file(tmp_path / "net.safetensors").keys() == tensors.keys()
    assert tensor_bytes(quantised_tensors(state)) < tensor_bytes(state)
    shared = torch.zeros(8, 8)
    assert tensor_bytes({"a": shared, "b": shared.T[:4]}) > 4 * (64 + 32)


def test_bad_input():
    frame = framed({"layer": torch.rand(2, 4, 3, 3)})
    with pytest.raises(StudyError, match="unknown order"):
        permutation_bytes(frame, "sorted")
    with pytest.raises(StudyError, match="does not fit in 2 bits"):
        pack([torch.tensor([1, 4])], [2])
    with pytest.raises(StudyError, match="2 bytes of ranks where 3 belong"):
        unpack_order(frame, b"ab", "cross-filter")
