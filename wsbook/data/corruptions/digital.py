"""What storing and resizing does to images: JPEG, pixels, distortion."""

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.data.corruptions.draws import uniform
from wsbook.data.corruptions.resample import apply, box, interpolation, smooth


def pixelate(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """To a lower resolution and back, both with a box filter."""
    share = (0.95, 0.9, 0.85, 0.75, 0.65)[severity - 1]
    sizes = [(length, max(1, int(length * share))) for length in x.shape[-2:]]
    coarse = apply(x, *(box(length, small) for length, small in sizes))
    return apply(coarse, *(box(small, length) for length, small in sizes))


def elastic_transform(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """A random affine map after a random smooth displacement, one for each image.

    Three points, a third of the size from the centre, move by up to r sizes; displacements are uniform
    noise smoothed over s sizes, times a sizes. Interpolated once, linearly (the published code: twice);
    what lies outside is reflected.
    """
    strength, width, reach = (
        (0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03),
    )[severity - 1]  # fmt: skip
    n, _, rows, columns = x.shape
    size = min(rows, columns)
    grid = torch.stack(torch.meshgrid(torch.arange(columns), torch.arange(rows), indexing="xy"), -1).to(x)
    places = grid.expand(n, -1, -1, -1)
    if strength:
        noise = 2 * uniform((n, 2, rows, columns), generator, x) - 1
        places = places + strength * size * smooth(noise, width * size, truncate=3).permute(0, 2, 3, 1)
    corners = torch.tensor([[1, 1], [1, -1], [-1, -1]]).to(x) * (size // 3)
    corners = corners + torch.tensor([columns // 2, rows // 2]).to(x)
    moved = corners + reach * size * (2 * uniform((n, 3, 2), generator, x) - 1)
    back = torch.linalg.solve(F.pad(moved, (0, 1), value=1), corners.expand(n, -1, -1))  # (N, 3, 2)
    places = F.pad(places, (0, 1), value=1).flatten(1, 2) @ back
    ends = torch.tensor([max(1, columns - 1), max(1, rows - 1)]).to(x)
    return F.grid_sample(
        x, (2 * places / ends - 1).view(n, rows, columns, 2), padding_mode="reflection", align_corners=True
    )


# The example tables of the JPEG standard (ITU-T T.81, annex K), which common encoders use.
LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMINANCE = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)
YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


def jpeg_compression(x: Tensor, severity: int, generator: torch.Generator) -> Tensor:
    """Rounding of cosine coefficients as in a JPEG file, without writing one.

    Images of three channels have their colours stored at half the resolution (4:2:0); the channels of
    all others are treated as brightness.
    """
    quality = (80, 65, 58, 50, 40)[severity - 1]
    height, width = x.shape[-2:]
    pixels = F.pad(255 * x, (0, -width % 16, 0, -height % 16), mode="replicate")
    if x.shape[1] != 3:
        return quantised(pixels - 128, table(LUMINANCE, quality)).add(128)[..., :height, :width] / 255
    ycc = torch.einsum("ij,njhw->nihw", torch.tensor(YCC).to(x), pixels).round()
    light, colour = ycc[:, :1] - 128, F.avg_pool2d(ycc[:, 1:], 2).round()
    light = quantised(light, table(LUMINANCE, quality)) + 128
    colour = quantised(colour, table(CHROMINANCE, quality))
    colour = apply(colour, *(doubling(length) for length in colour.shape[-2:]))
    back = torch.linalg.inv(torch.tensor(YCC)).to(x)
    rgb = torch.einsum("ij,njhw->nihw", back, torch.cat([light, colour], 1))
    return rgb[..., :height, :width] / 255


@cache
def table(base: tuple[tuple[int, ...], ...], quality: int) -> Tensor:
    """Steps (8, 8) of the coefficients at a quality of 1 to 100."""
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    return torch.floor(torch.tensor(base) * scale + 0.5).clamp(1, 255)


@cache
def cosines() -> Tensor:
    """The orthonormal discrete cosine transform (8, 8): frequencies by samples."""
    frequency, sample = torch.arange(8)[:, None], torch.arange(8)
    matrix = torch.cos(math.pi / 8 * frequency * (sample + 0.5)) / 2
    return torch.cat([matrix[:1] / math.sqrt(2), matrix[1:]])


def quantised(x: Tensor, steps: Tensor) -> Tensor:
    """Channels (N, C, H, W), sizes divisible by 8, with the coefficients of 8 x 8 blocks on steps."""
    n, channels, height, width = x.shape
    blocks = x.view(n, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    transform, steps = cosines().to(x), steps.to(x)
    rounded = (transform @ blocks @ transform.mT / steps).round() * steps
    return (transform.mT @ rounded @ transform).transpose(3, 4).reshape(x.shape).round().clamp(-128, 127)


@cache
def doubling(length: int) -> Tensor:
    """The matrix (2 length, length) that doubles a line: 3/4 of the nearer sample, 1/4 of the other."""
    return interpolation((torch.arange(2 * length) / 2 - 0.25).clamp(0, length - 1), length)
