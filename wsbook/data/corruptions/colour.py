"""Changes of brightness, contrast and saturation; of these, only the last needs colours."""

import torch
from torch import Tensor


def brightness(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Adds to the value V of (hue, saturation, value): all channels are scaled by V' / V."""
    shift = (0.05, 0.1, 0.15, 0.2, 0.3)[severity - 1]
    value = x.amax(1, keepdim=True)
    brighter = (value + shift).clamp(max=1)
    return torch.where(value > 0, x * (brighter / value.clamp(min=1e-6)), brighter)


def contrast(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Pulls every channel towards its mean over the image."""
    share = (0.75, 0.5, 0.4, 0.3, 0.15)[severity - 1]
    means = x.mean((2, 3), keepdim=True)
    return (x - means) * share + means


def saturate(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """S' = a S + b for the saturation S of (hue, saturation, value); grey is a red of saturation 0.

    Severities 1 and 2 take colour away, 3 to 5 add it. Images without three channels stay as they are.
    """
    if x.shape[1] != 3:
        return x
    factor, shift = ((0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2))[severity - 1]
    value, least = x.amax(1, keepdim=True), x.amin(1, keepdim=True)
    spread = value - least
    saturation = spread / value.clamp(min=1e-6)
    red = torch.tensor([0.0, 1.0, 1.0]).to(x).view(1, 3, 1, 1)
    hue = torch.where(spread > 0, (value - x) / spread.clamp(min=1e-6), red)  # (V - x) / (V S)
    return value * (1 - (factor * saturation + shift).clamp(0, 1) * hue)
