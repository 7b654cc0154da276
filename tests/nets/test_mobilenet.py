"""MobileNet: its size, what a separable block computes, its widths."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from wsbook.errors import StudyError
from wsbook.nets.mobilenet import MobileNet, Separable


def test_size_and_last_map():
    net = MobileNet(10)
    table = [32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
    convolutions = 27 * 32 + sum(9 * a + a * b for a, b in pairwise(table))
    normalisation = 2 * (32 + sum(a + b for a, b in pairwise(table)))
    assert sum(p.numel() for p in net.parameters()) == convolutions + normalisation + 1024 * 10 + 10
    with torch.no_grad():
        assert net.layers(torch.zeros(1, 32, 32, 32)).shape == (1, 1024, 2, 2)
        assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_a_separable_block_mixes_space_then_channels():
    block = Separable(3, 5, stride=2).eval()
    x = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        kernels, mixing = block.conv1.weight, block.conv2.weight[:, :, 0, 0]
        each = [F.conv2d(x[:, c : c + 1], kernels[c : c + 1], stride=2, padding=1) for c in range(3)]
        unit = (1 + 1e-5) ** -0.5  # a fresh batch normalisation in evaluation
        expected = torch.einsum("oc,nchw->nohw", mixing, (torch.cat(each, 1) * unit).relu())
        torch.testing.assert_close(block(x), (expected * unit).relu())


def test_width_multiplier():
    net = MobileNet(4, channels=1, multiplier=0.25)
    assert net.conv1.weight.shape == (8, 1, 3, 3) and net.linear.weight.shape == (4, 256)
    with pytest.raises(StudyError, match="width multiplier"):
        MobileNet(multiplier=0.01)
