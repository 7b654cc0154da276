"""What a notebook cell shows: figures as inline SVG, frames as HTML tables.

Both take their colours from the page, so that one stored output serves a light and a dark theme,
and both are the same bytes for the same input, so that a notebook can be compared with its rerun.
"""

import io
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal
from matplotlib.text import Text

from wsbook.errors import StudyError
from wsbook.figures.labels import label
from wsbook.figures.narrow import is_wide, narrow
from wsbook.figures.style import style
from wsbook.figures.svg import inline
from wsbook.verdicts.rules.verdict import Verdict

_DENSE = 1500  # a scatter layer with more points becomes an image
_DPI = 150
_FIT = 4  # columns that fit a phone; a row of more becomes a card there


@dataclass(frozen=True)
class Shown:
    """An output with a text and an HTML form; Jupyter and MyST-NB take what they can show."""

    text: str
    html: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def sentence(text: str) -> Shown:
    """Words with computed numbers in them, set like the text around."""
    return Shown(text, f'<p class="ws-sentence">{escape(text)}</p>')


def show(fig: Figure, alt: str) -> Shown:
    """`fig` as an inline SVG that suits any theme and width; closes the figure.

    `alt` says what it shows and of which runs: it is the caption, the text form, and what a reader hears who
    cannot see the figure (once: the caption is not read aloud). StudyError when it is empty.
    """
    alt = " ".join(alt.split())
    if not alt:
        raise StudyError("A figure has no alt text: call show(fig, alt) with what it shows.")
    body = _scroll(inline(_svg(fig), alt), "ws-wide" if is_wide(fig) else "")
    if is_wide(fig):
        body += f'<div class="ws-narrow" style="display:none">{inline(_svg(narrow(fig)), alt)}</div>'
    plt.close(fig)
    below = f'\n<figcaption aria-hidden="true">{escape(alt)}</figcaption>'
    return Shown(f"Figure: {alt}", f'<figure class="ws-figure" style="margin:0">{body}{below}</figure>')


def _scroll(content: str, class_: str = "") -> str:
    return f'<div class="{f"ws-scroll {class_}".rstrip()}" style="overflow-x:auto">{content}</div>'


def drawn(fig: Figure, alt: str) -> str:
    """`fig` as one `<svg>` element that says `alt` to those who cannot see it; closes the figure."""
    element = inline(_svg(fig), alt)
    plt.close(fig)
    return element


@style()
def _svg(fig: Figure) -> str:
    fig.draw_without_rendering()  # so that every tick label exists
    for text in fig.findobj(Text):
        if "$" in text.get_text():
            text.set_path_effects([Normal()])  # formulas become outlines and need no font
    for layer in fig.findobj(PathCollection):
        layer.set_rasterized(layer.get_rasterized() or len(layer.get_offsets()) > _DENSE)
    document = io.StringIO()
    fig.savefig(document, format="svg", dpi=_DPI, metadata={"Date": None})
    return document.getvalue()


@dataclass(frozen=True)
class Cell:
    """A table entry whose text, HTML and sorting key differ."""

    text: str
    html: str = ""  # the escaped text when empty
    sort: float | str | None = None  # the text when None


def verdict(word: str, qualification: str = "") -> Cell:
    """A `Verdict` as a chip that reads without colour and sorts from reproduced to not run; with how many parts share
    it, where that is given.

    Raises StudyError for any other word.
    """
    words = list(Verdict)
    if word not in words:
        raise StudyError(f"No verdict is called {word!r}: use one of {', '.join(words)}.")
    text = f"{word}, {qualification}" if qualification else str(word)
    chip = f'<span class="verdict verdict-{word.replace(" ", "-")}">{escape(text)}</span>'
    return Cell(text, chip, words.index(word))


def table(frame: pd.DataFrame, caption: str = "", *, sortable: bool = False, digits: int = 3) -> Shown:
    """`frame` as an HTML table and as aligned text, floats to `digits` significant digits.

    A named index becomes leading columns of row headers. `sortable` lets the reader sort by any
    column. Entries may be `Cell`s, such as `verdict("partly")`.
    """
    headers = sum(name is not None for name in frame.index.names)
    frame = frame.reset_index(drop=not headers)
    names = [label(str(name)) for name in frame.columns]
    rows = [[_cell(value, digits) for value in row] for row in frame.itertuples(False, None)]
    classes = ["num" if dtype.kind in "iuf" else "" for dtype in frame.dtypes]
    head = "".join(map(_heading, names, classes))
    entries = [_entries(row, names, classes, headers) for row in rows] or [_nothing(len(names))]
    body = "\n".join(f"<tr>{row}</tr>" for row in entries)
    title = f"<caption>{escape(caption)}</caption>\n" if caption else ""
    html = (
        f'<div class="ws-scroll" style="overflow-x:auto">'
        f'<table class="ws-table{" ws-cards" if len(names) > _FIT else ""}{" sortable" if sortable else ""}">\n{title}'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )
    texts = pd.DataFrame([[cell.text for cell in row] for row in rows], columns=names)
    text = texts.to_string(index=False) if rows else f"{', '.join(names)}: nothing recorded yet"
    return Shown(f"{caption}\n{text}" if caption else text, html)


def _heading(name: str, class_: str) -> str:
    return f'<th scope="col"{_class(class_)}>{escape(name)}</th>'


def _entries(row: list[Cell], names: list[str], classes: list[str], headers: int) -> str:
    parts = []
    for at, (cell, name, class_) in enumerate(zip(row, names, classes, strict=True)):
        tag, scope = ("th", ' scope="row"') if at < headers else ("td", "")
        sort = "" if cell.sort is None else f' data-sort="{escape(str(cell.sort))}"'
        label = f' data-label="{escape(name)}"' if len(names) > _FIT else ""
        content = cell.html or escape(cell.text)
        parts.append(f"<{tag}{scope}{_class(class_)}{sort}{label}>{content}</{tag}>")
    return "".join(parts)


def _nothing(width: int) -> str:
    return f'<td colspan="{width}" class="ws-nothing">nothing recorded yet</td>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _cell(value: object, digits: int) -> Cell:
    if isinstance(value, Cell):
        return value
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return Cell("–", sort="")
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, Real):
        text = number(value, digits)
        key = text.translate(_TO_ASCII).replace(" × 10", "e")
        return Cell(text, sort=None if key == text else key)
    return Cell(label(str(value)))


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TO_ASCII = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789", ",") | {ord("∞"): "Infinity"}


def number(value: float, digits: int = 3) -> str:
    """A float to `digits` significant digits, an integer in full: 0.220, 4,200, 1.20 × 10⁻⁵."""
    if isinstance(value, Integral) or value == 0:
        return f"{value:,.0f}".replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if not exponent:  # infinite
        text = mantissa.replace("inf", "∞")
    elif -3 <= int(exponent) < 6:
        text = f"{value:,.{max(digits - 1 - int(exponent), 0)}f}"
    else:
        text = f"{mantissa} × 10{str(int(exponent)).translate(_RAISED)}"
    return text.replace("-", "−")
