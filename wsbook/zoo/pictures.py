"""Images of any set in the form that a zoo's networks take."""

import torch
import torch.nn.functional as F
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


def grey(images: Tensor) -> Tensor:
    """Images uint8 (N, H, W, C) of one or three channels with one, (N, H, W, 1)."""
    if images.shape[-1] == 1:
        return images
    weights = torch.tensor(LUMA, device=images.device)
    return (images.float() @ weights)[..., None].round_().to(torch.uint8)


def coloured(images: Tensor) -> Tensor:
    """Images uint8 (N, H, W, C) of one or three channels with three, (N, H, W, 3)."""
    return images.expand(-1, -1, -1, 3)


def resized(images: Tensor, side: int) -> Tensor:
    """Images uint8 (N, H, W, C) as (N, side, side, C), by linear interpolation without aliasing."""
    if images.shape[1:3] == (side, side):
        return images
    pixels = images.permute(0, 3, 1, 2).float()
    pixels = F.interpolate(pixels, (side, side), mode="bilinear", antialias=True)
    return pixels.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
