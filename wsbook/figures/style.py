"""One look for every figure, and colours that hold on a light and on a dark page."""

from contextlib import AbstractContextManager

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# `display.show` turns these two into the page's own text and background colour.
INK = "#000000"
PAPER = "#fdfcfb"  # for halos and hollow markers; no artist has this colour by default

# Six colours, each at least 3:1 against white and against the dark page (#14181e), and at least
# .10 apart in OKLab in normal, protanopic, deuteranopic and tritanopic sight.
# tests/figures/test_style.py measures both.
BLUE, RUST, TEAL, PURPLE, OLIVE, ROSE = PALETTE = (
    "#3295f4", "#a84a03", "#067761", "#8945b8", "#839a04", "#c87e92",
)  # fmt: skip

# A ramp for settings that have an order (momentum, dictionary size): as light and as dark as two
# pages allow, so it runs through hue from blue to yellow too, which every sight keeps in order.
RAMP = ("#515cdd", "#8857a9", "#9f5775", "#b74e0d", "#b78740")

NARROW, WIDE = 5.0, 7.5  # inches: one panel, which fits a phone; a row of panels

_RC = {
    "font.family": ["DejaVu Sans"],  # ships with matplotlib: the same layout on every machine
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "figure.titlesize": 11,
    "figure.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.14,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "axes.formatter.min_exponent": 3,  # 0.2 rather than 2 x 10^-1 on a log axis
    "axes.prop_cycle": cycler(color=PALETTE),
    "image.cmap": "viridis",
    "mathtext.fontset": "stixsans",
    "svg.fonttype": "none",
    "svg.hashsalt": "wsbook",
}


def style() -> AbstractContextManager[None]:
    """The book's matplotlib settings, as a context manager or as a function's decorator.

    Nothing global changes. Whatever is drawn in black (`INK`) takes the page's text colour.
    """
    return mpl.rc_context(_RC)


@style()
def new_figure(
    rows: int = 1, cols: int = 1, *, width: float | None = None, height: float = 2.9, **subplots
) -> tuple[Figure, Axes | np.ndarray]:
    """A figure with `rows` x `cols` axes in the book's style, sized for the text column.

    `width` (inches; NARROW for one column of axes, else WIDE) is the whole figure's, `height`
    (inches) one row's. Further keywords go to `plt.subplots`, whose result this returns. Draw
    inside `style()` too: legends and texts added later read their settings then.
    """
    width = width or (NARROW if cols == 1 else WIDE)
    return plt.subplots(rows, cols, figsize=(width, height * rows), **subplots)


def ordered(n: int) -> list[str]:
    """`n` colours along `RAMP`, for settings that have an order; each 3:1 on both pages."""
    ramp = mpl.colors.LinearSegmentedColormap.from_list("ordered", RAMP)
    return [mpl.colors.to_hex(ramp(at)) for at in np.linspace(0, 1, n)]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two opaque colours, from 1 to 21 (WCAG 2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    srgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def ink_on(fill: str) -> str:
    """The colour for text on `fill`, such as a heat map's cell; the same on both pages."""
    return max("#ffffff", "#010101", key=lambda ink: contrast(ink, fill))
