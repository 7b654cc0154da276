"""The 15 + 4 corruptions of CIFAR-10-C (Hendrycks & Dietterich 2019) at 5 severities, made on the fly.

Each works on batches of images of any size and number of channels, on any device, with the severity
constants published for CIFAR-10-C; lengths follow the image's size where they do there. What differs
from the published code stands with each corruption. Everywhere, values are rounded to bytes (there cut
off), once at the end, and borders repeat the last pixel unless said otherwise.

Severities are those published, and rise by what they do to a classifier. The mean squared error rises
with them too, except where the constants trade one change for another: frost (3 to 5 darken the image),
glass blur (3 to 4), motion blur (3 and 4 are alike), elastic transform (ever smaller shifts, ever
rougher), saturate (1 and 2 take colour away, 3 to 5 add it) and spatter (water to 3, then mud).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from wsbook.data.corruptions.blur import (
    defocus_blur,
    gaussian_blur,
    glass_blur,
    motion_blur,
    zoom_blur,
)
from wsbook.data.corruptions.colour import brightness, contrast, saturate
from wsbook.data.corruptions.digital import elastic_transform, jpeg_compression, pixelate
from wsbook.data.corruptions.noise import gaussian_noise, impulse_noise, shot_noise, speckle_noise
from wsbook.data.corruptions.weather import fog, frost, snow, spatter
from wsbook.errors import StudyError

Corruption = Callable[[Tensor, int, torch.Generator], Tensor]  # (N, C, H, W) in 0 to 1, severity

CORRUPTIONS: dict[str, Corruption] = {
    "gaussian_noise": gaussian_noise,
    "shot_noise": shot_noise,
    "impulse_noise": impulse_noise,
    "defocus_blur": defocus_blur,
    "glass_blur": glass_blur,
    "motion_blur": motion_blur,
    "zoom_blur": zoom_blur,
    "snow": snow,
    "frost": frost,
    "fog": fog,
    "brightness": brightness,
    "contrast": contrast,
    "elastic_transform": elastic_transform,
    "pixelate": pixelate,
    "jpeg_compression": jpeg_compression,
    "speckle_noise": speckle_noise,
    "gaussian_blur": gaussian_blur,
    "spatter": spatter,
    "saturate": saturate,
}
EXTRA = ("speckle_noise", "gaussian_blur", "spatter", "saturate")  # meant for validation, not for the mean
MAIN = tuple(name for name in CORRUPTIONS if name not in EXTRA)
SEVERITIES = (1, 2, 3, 4, 5)
VALUES = 2**20  # in a batch, which keeps its intermediate results in a core's cache


def corrupt(images: Tensor, name: str, severity: int, generator: torch.Generator) -> Tensor:
    """Images uint8 (N, H, W, C) with a corruption of CIFAR-10-C, on the same device.

    Random numbers are drawn where the generator is, so that one on the CPU gives all devices the same.

    Raises
        StudyError: for an unknown corruption, a severity other than 1 to 5, or images of another type.
    """
    if name not in CORRUPTIONS:
        raise StudyError(f"there is no corruption {name!r}; choose one of {', '.join(CORRUPTIONS)}.")
    if severity not in SEVERITIES:
        raise StudyError(f"severities are 1 to 5, not {severity}.")
    if images.dtype != torch.uint8 or images.dim() != 4:
        raise StudyError(
            f"corruptions take images uint8 (N, H, W, C), not {images.dtype} of shape {tuple(images.shape)}."
        )
    out = torch.empty_like(images)
    batch = max(1, VALUES // max(1, images[0:1].numel()))
    for part, target in zip(images.split(batch), out.split(batch)):
        pixels = part.permute(0, 3, 1, 2).float().contiguous() / 255
        changed = CORRUPTIONS[name](pixels, severity, generator)
        target.copy_((changed.clamp(0, 1) * 255).round_().permute(0, 2, 3, 1))
    return out
