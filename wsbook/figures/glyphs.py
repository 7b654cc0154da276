"""Small drawings for the steps of a scheme, each one `<svg>` element in colours that suit a light and a dark page.

They say nothing to those who cannot see them: the words beside them do.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from wsbook.figures.style import BLUE, RUST

INK = "currentColor"


def svg(width: float, height: float, shapes: Iterable[str]) -> str:
    """One element of so many pixels, with shapes in it."""
    return (
        f'<svg class="ws-glyph" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'aria-hidden="true">{"".join(shapes)}</svg>'
    )


def cells(values: np.ndarray, size: float = 8, gap: float = 1, frame: bool = False) -> str:
    """A matrix (rows, columns) as squares: the larger a number, the less transparent; blue above zero, rust below."""
    return svg(*_extent(values, size, gap), _squares(values, size, gap, frame))


def _extent(values: np.ndarray, size: float, gap: float) -> tuple[float, float]:
    rows, columns = values.shape
    return columns * (size + gap) + gap, rows * (size + gap) + gap


def _squares(values: np.ndarray, size: float, gap: float, frame: bool) -> list[str]:
    largest = np.abs(values).max() or 1.0
    shapes = [
        f'<rect x="{gap + column * (size + gap):g}" y="{gap + row * (size + gap):g}" width="{size:g}" '
        f'height="{size:g}" fill="{BLUE if value > 0 else RUST}" fill-opacity="{abs(value) / largest:.2f}"/>'
        for (row, column), value in np.ndenumerate(values)
        if abs(value) / largest >= 0.005
    ]
    return [*shapes, outline(*_extent(values, size, gap))] if frame else shapes


def outline(width: float, height: float) -> str:
    """The border of a drawing of this size."""
    return (
        f'<rect x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" fill="none" stroke="{INK}" '
        'stroke-opacity=".35"/>'
    )


def layers(sizes: Sequence[int], width: float = 84, height: float = 60, colour: str = BLUE) -> str:
    """A network: a column of dots a layer, joined to the next."""
    x = np.linspace(6, width - 6, len(sizes))
    dots = [[(x[i], y) for y in _spread(n, height)] for i, n in enumerate(sizes)]
    lines = [
        f'<path d="M{a:g} {b:.1f}L{c:g} {d:.1f}" stroke="{INK}" stroke-opacity=".22" stroke-width=".8"/>'
        for left, right in zip(dots, dots[1:])
        for a, b in left
        for c, d in right
    ]
    circles = [
        f'<circle cx="{a:g}" cy="{b:.1f}" r="4" fill="{colour}"/>' for layer in dots for a, b in layer
    ]
    return svg(width, height, lines + circles)


def _spread(count: int, height: float) -> np.ndarray:
    return height / 2 + (np.arange(count) - (count - 1) / 2) * min(15, (height - 10) / max(count - 1, 1))


def waves(periods: Sequence[float], width: float = 84, height: float = 60) -> str:
    """Sine waves one below the other, each with so many periods."""
    x = np.linspace(2, width - 2, 60)
    step = height / len(periods)
    return svg(
        width,
        height,
        [
            polyline(x, (i + 0.5) * step - 0.38 * step * np.sin(2 * np.pi * n * x / width), colour)
            for i, (n, colour) in enumerate(zip(periods, (BLUE, RUST) * len(periods)))
        ],
    )


def polyline(x: np.ndarray, y: np.ndarray, colour: str = INK, width: float = 1.6) -> str:
    """A line through points."""
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y))
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'


def dot(x: float, y: float, radius: float = 3, colour: str = INK, filled: bool = True) -> str:
    """A disc, or a ring."""
    paint = f'fill="{colour}"' if filled else f'fill="none" stroke="{colour}" stroke-width="1.4"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {paint}/>'


def word(text: str, x: float, y: float, size: float = 11, anchor: str = "middle") -> str:
    """A few letters inside a drawing."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{INK}">{text}</text>'
    )
