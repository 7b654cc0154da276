import re
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from wsbook.figures.style import (
    INK,
    NARROW,
    PALETTE,
    PAPER,
    WIDE,
    contrast,
    ink_on,
    new_figure,
    ordered,
    style,
)

CSS = Path(__file__).parents[2] / "book" / "_static" / "custom.css"
LIGHT, DARK = re.findall(r"--pst-color-background: (#\w{6})", CSS.read_text())

# Linear RGB as seen with a full deficiency of one cone: Machado, Oliveira and Fernandes (2009).
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def oklab(colours, sight):
    """Hex colours (n) as seen with `sight`, in OKLab (n, 3); distances there are perceptual."""
    srgb = np.array([mpl.colors.to_rgb(colour) for colour in colours])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(SIGHT[sight]).T, 0, 1)
    return np.cbrt(seen @ np.array(TO_CONES).T) @ np.array(TO_LAB).T


def closest(colours, sight):
    return min(np.linalg.norm(a - b) for a, b in combinations(oklab(colours, sight), 2))


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("page", [LIGHT, DARK])
def test_every_colour_stands_out_on_both_pages(page):
    for colour in (*PALETTE, *ordered(12)):
        assert contrast(colour, page) >= 3, colour


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_differ_in_every_sight(sight):
    assert closest(PALETTE, sight) >= 0.10
    assert min(closest(ordered(4), sight), closest(ordered(5), sight)) >= 0.05


def test_oklab_of_white_is_its_white_point():
    assert oklab(["#ffffff"], "normal")[0] == pytest.approx([1, 0, 0], abs=1e-4)


def test_ink_on_a_fill_is_readable():
    for fill in plt.get_cmap("viridis")(np.linspace(0, 1, 50)):
        assert contrast(ink_on(fill), fill) >= 4.5
    assert INK not in (ink_on("#ffffff"), ink_on("#000000"))  # it must not follow the theme
    assert contrast(PAPER, "#ffffff") < 1.1


def test_style_is_local():
    before = dict(mpl.rcParams)
    with style():
        assert mpl.rcParams["svg.hashsalt"] == "wsbook"
        assert mpl.rcParams != before
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(("cols", "width"), [(1, NARROW), (3, WIDE)])
def test_new_figure_fits_its_column(cols, width):
    fig, axes = new_figure(2, cols, height=2.5, squeeze=False)
    assert fig.get_size_inches() == pytest.approx([width, 5.0])
    assert axes.shape == (2, cols)
    plt.close(fig)
