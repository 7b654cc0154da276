"""Images of letters and figures, drawn from the fonts that come with matplotlib.

A set has 10 classes of 8 x 8 images, bright on dark like the digits. Splits differ in typeface: what is
tested is whether a network knows the letter, not the font. Outlines are filled by the winding rule at
four times the resolution and averaged. Fonts belong to matplotlib: another version of it may change
pixels, so that there is no published fingerprint, and the one computed says which images were seen.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from wsbook.data.imageset import ImageSet, canonical_order, image_set
from wsbook.errors import StudyError

ALPHABETS = {"digits": "0123456789", "letters": "ABCDEFGHIJ"}
SIZE = 8  # pixels
FINE = 4  # samples a pixel and direction
HEIGHT = 0.75  # of a capital, as a share of the image
STYLES = ("", "-Bold", "-Oblique", "-BoldOblique")
FONTS = {  # no typeface is in two splits
    "train": (
        *(f"DejaVuSans{style}" for style in STYLES),
        *(f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
        *(f"cm{style}10" for style in ("r", "b", "ti", "ss", "tt")),
    ),
    "val": tuple(f"DejaVuSansMono{style}" for style in STYLES),
    "test": tuple(f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")),
}
VARIANTS = 8  # of each letter in each font
SEEDS = {"train": 0, "val": 1, "test": 2}


@cache
def glyphs(kind: str, split: str) -> ImageSet:
    """The split "train", "val" or "test" of the glyphs "digits" or "letters", images (N, 8, 8, 1).

    Raises
        StudyError: for an unknown kind or split; if matplotlib is not installed.
    """
    if kind not in ALPHABETS or split not in FONTS:
        raise StudyError(
            f"there are no glyphs {kind!r} with split {split!r}; choose a kind of {', '.join(ALPHABETS)} "
            f"and a split of {', '.join(FONTS)}."
        )
    generator = torch.Generator().manual_seed(SEEDS[split])
    images, labels = draw(ALPHABETS[kind], FONTS[split], VARIANTS, generator)
    order = canonical_order(images.numpy(), labels.numpy())
    return image_set(images.numpy()[order], labels.numpy()[order], ALPHABETS[kind])


def draw(
    letters: str, fonts: Sequence[str], variants: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Images (N, 8, 8, 1) uint8 and labels (N,) of `variants` of each letter in each font.

    Variants differ in position, size, proportion, slope and weight of stroke.
    """
    shapes, labels = [], []
    for font in fonts:
        for label, letter in enumerate(letters):
            maps = movements(variants, generator)
            shapes.append(filled((outline(letter, font) @ maps[:, None, :2] + maps[:, None, 2:]).numpy()))
            labels += [label] * variants
    fine = thickened(torch.from_numpy(np.concatenate(shapes)).float(), generator)
    images = avg_pool2d(fine[:, None], FINE)[:, 0, :, :, None]
    return (255 * images).round().byte(), torch.tensor(labels)


def outline(letter: str, font: str) -> Tensor:
    """The edges (E, 2, 2) of a letter's contours: start and end, x and y.

    Scaled so that capitals of the font have height 1, centred on the origin, y downwards.
    """
    rings, capital = contours(letter, font), torch.cat(contours("H", font))
    points = torch.cat(rings)
    centre = (points.amin(0) + points.amax(0)) / 2
    edges = torch.cat([torch.stack([ring, ring.roll(-1, 0)], 1) for ring in rings])
    return (edges - centre) / (capital.amax(0) - capital.amin(0))[1] * torch.tensor([1.0, -1.0])


@cache
def contours(letter: str, font: str) -> list[Tensor]:
    """The closed polygons (P, 2) of a letter in a font of matplotlib's, in some unit, y upwards."""
    try:
        import matplotlib
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextPath
    except ModuleNotFoundError as error:
        raise StudyError("glyphs are drawn from matplotlib's fonts; run pip install matplotlib.") from error
    properties = FontProperties(fname=Path(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf"))
    path = TextPath((0, 0), letter, size=100, prop=properties)
    return [torch.from_numpy(ring).float() for ring in path.to_polygons()]


def movements(count: int, generator: torch.Generator) -> Tensor:
    """Random affine maps (count, 3, 2) from outlines to pixels: rows for x, y and the shift."""
    angle, shear, width, height, right, down = (2 * torch.rand(6, count, generator=generator) - 1) * (
        torch.tensor([0.12, 0.1, 0.1, 0.08, 0.6, 0.6])[:, None]
    )
    scale = torch.stack([1 + width, 1 + height], 1)[:, :, None] * HEIGHT * SIZE
    turned = torch.stack([
        torch.stack([angle.cos(), angle.sin()], 1),
        torch.stack([shear - angle.sin(), angle.cos()], 1),
    ], 1)  # fmt: skip
    return torch.cat([scale * turned, torch.stack([right, down], 1)[:, None] + SIZE / 2], 1)


def filled(edges: np.ndarray) -> np.ndarray:
    """Insides (N, SIZE * FINE, SIZE * FINE) bool of contours given by edges (N, E, 2, 2) in pixels.

    A point is inside if the contours wind around it: edges that cross its row to the right of it
    count +1 downwards and -1 upwards, and do not cancel.
    """
    centres = ((np.arange(SIZE * FINE) + 0.5) / FINE).astype(np.float32)
    rows = centres[:, None]
    (x0, y0), (x1, y1) = np.moveaxis(edges[:, None], (-2, -1), (0, 1))  # each (N, 1, E)
    sign = ((y0 <= rows) & (rows < y1)).astype(np.int8) - ((y1 <= rows) & (rows < y0))  # (N, rows, E)
    crossing = x0 + (rows - y0) * (x1 - x0) / np.where(y1 == y0, 1, y1 - y0)
    right = crossing[:, :, None] > rows  # (N, rows, columns, E)
    return (right * sign[:, :, None]).sum(-1) != 0


def thickened(fine: Tensor, generator: torch.Generator) -> Tensor:
    """Shapes (N, H, W) in 0 and 1, a random half of them heavier by one sample on each side."""
    heavy = torch.rand(len(fine), 1, 1, generator=generator) < 0.5
    return torch.where(heavy, max_pool2d(fine[:, None], 3, 1, 1)[:, 0], fine)
