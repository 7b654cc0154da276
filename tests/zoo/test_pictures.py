"""Images become grey and change size as they should."""

import pytest
import torch

from wsbook.zoo.pictures import coloured, grey, resized


def test_grey_is_the_luminance_and_leaves_one_channel_alone():
    pixels = torch.tensor([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]], dtype=torch.uint8)
    assert grey(pixels).flatten().tolist() == [76, 150, 29, 255]
    one = torch.randint(256, (2, 3, 3, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert grey(one) is one


def test_colours_stay_and_grey_becomes_three_equal_ones():
    pixels = torch.randint(256, (2, 4, 4, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(coloured(pixels), pixels)
    three = coloured(pixels[..., :1])
    assert three.shape == pixels.shape and torch.equal(grey(three), pixels[..., :1])


@pytest.mark.parametrize("side", [16, 28, 32])
def test_resizing_keeps_flat_images_flat_and_means_about_the_same(side):
    flat = torch.full((1, 20, 20, 3), 77, dtype=torch.uint8)
    assert (resized(flat, side) == 77).all() and resized(flat, side).shape == (1, side, side, 3)
    ramp = torch.arange(20).mul(10).to(torch.uint8).view(1, 1, 20, 1).expand(1, 20, 20, 1).contiguous()
    assert resized(ramp, side).float().mean().item() == pytest.approx(ramp.float().mean().item(), abs=1)


def test_halving_averages_without_aliasing():
    board = (torch.arange(8)[:, None] + torch.arange(8)) % 2 * 200
    small = resized(board.to(torch.uint8).view(1, 8, 8, 1), 4).float()
    assert (small - 100).abs().max() < 30
