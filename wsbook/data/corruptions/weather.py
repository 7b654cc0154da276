"""Weather, and dirt on the lens."""

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.data.corruptions.blur import trailed
from wsbook.data.corruptions.draws import normal, uniform
from wsbook.data.corruptions.resample import enlarged, smooth

WATER = (175 / 255, 238 / 255, 238 / 255)
MUD = (63 / 255, 42 / 255, 20 / 255)
ICE = (0.86, 0.95, 1.0)


def painted(x: Tensor, colour: tuple[float, float, float]) -> Tensor:
    """A colour (1, C, 1, 1) for images (N, C, H, W): its grey if these do not have three channels."""
    red, green, blue = colour
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    channels = colour if x.shape[1] == 3 else (grey,) * x.shape[1]
    return torch.tensor(channels).to(x).view(1, -1, 1, 1)


def grey(x: Tensor) -> Tensor:
    """The brightness (N, 1, H, W) of images (N, C, H, W)."""
    if x.shape[1] != 3:
        return x.mean(1, keepdim=True)
    return torch.einsum("c,nchw->nhw", torch.tensor([0.299, 0.587, 0.114]).to(x), x)[:, None]


def plasma(x: Tensor, decay: float, generator: torch.Generator) -> Tensor:
    """Clouds (N, 1, H, W) from 0 to 1 for images (N, C, H, W): the diamond-square fractal on a torus.

    Noise is added to the means of coarser points; its amplitude falls by decay squared from one
    step to the next, which halves the distance of the points.
    """
    n, _, height, width = x.shape
    size = 1 << (max(height, width, 2) - 1).bit_length()
    field, amplitude, step = x.new_zeros(n, size, size), 1.0, size
    while step >= 2:
        half, count = step // 2, size // step
        noise = amplitude * (2 * uniform((3, n, count, count), generator, x) - 1)
        corners = field[:, ::step, ::step]
        beside, below = corners + corners.roll(-1, 2), corners + corners.roll(-1, 1)
        centres = (below + below.roll(-1, 2)) / 4 + noise[0]
        field[:, half::step, half::step] = centres
        field[:, ::step, half::step] = (beside + centres + centres.roll(1, 1)) / 4 + noise[1]
        field[:, half::step, ::step] = (below + centres + centres.roll(1, 2)) / 4 + noise[2]
        step, amplitude = half, amplitude / decay**2
    least, most = field.amin((1, 2), keepdim=True), field.amax((1, 2), keepdim=True)
    return ((field - least) / (most - least))[:, None, :height, :width]


def fog(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Adds clouds, and scales the sum back to the image's brightest value."""
    amount, decay = ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75))[severity - 1]
    brightest = x.amax((1, 2, 3), keepdim=True)
    return (x + amount * plasma(x, decay, generator)) * brightest / (brightest + amount)


def frost(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Blends the image with ice.

    The published code cuts pieces out of photographs of frost. Here the ice is drawn: bright ridges
    where either of two clouds crosses its middle value, on a dark ground.
    """
    kept, added = ((1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45))[severity - 1]
    needles = [1 - (2 * plasma(x, 1.7, generator) - 1).abs() for _ in range(2)]
    ice = torch.maximum(*needles) ** 5
    return kept * x + added * ice * painted(x, ICE)


def snow(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Falling flakes, with their reflection from below, over a whitened image."""
    mean, scale, zoom, threshold, radius, sigma, kept = (
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    )[severity - 1]
    n, _, height, width = x.shape
    flakes = enlarged(mean + scale * normal((n, 1, height, width), generator, x), zoom)
    flakes = torch.where(flakes < threshold, 0, flakes).clamp(0, 1)
    degrees = 90 * uniform((n,), generator, x) - 135
    flakes = trailed(flakes, radius, sigma, degrees)
    white = kept * x + (1 - kept) * torch.maximum(x, 1.5 * grey(x) + 0.5)
    return white + flakes + flakes.flip(2, 3)


def spatter(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Drops of water (severities 1 to 3) or mud (4 and 5) on the lens.

    Drops lie where smoothed noise exceeds a threshold. The published code lights drops of water by
    way of edges, distances and an equalised histogram; here an emboss filter on the drops does it.
    """
    mean, scale, sigma, threshold, strength, mud = (
        (0.62, 0.1, 0.7, 0.7, 0.5, False),
        (0.65, 0.1, 0.8, 0.7, 0.5, False),
        (0.65, 0.3, 1, 0.69, 0.5, False),
        (0.65, 0.1, 0.7, 0.69, 0.6, True),
        (0.65, 0.1, 0.5, 0.68, 0.6, True),
    )[severity - 1]
    n, _, height, width = x.shape
    noise = mean + scale * normal((n, 1, height, width), generator, x)
    liquid = smooth(noise, sigma)
    drops = (liquid > threshold).to(x)
    if mud:
        cover = smooth(drops, strength)
        cover = torch.where(cover < 0.8, 0, cover)
        return (1 - cover) * x + cover * painted(x, MUD)
    emboss = torch.tensor([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]]).to(x)
    relief = F.conv2d(F.pad(drops, (1,) * 4, mode="replicate"), emboss[None, None]).clamp(min=0)
    light = liquid * drops * F.avg_pool2d(relief, 3, 1, 1, count_include_pad=False)
    light = light / light.amax((1, 2, 3), keepdim=True).clamp(min=1e-6)
    return x + strength * light * painted(x, WATER)
