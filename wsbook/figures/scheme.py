"""Schemes: lanes of steps, drawn side by side on a wide page and one below the other on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Step:
    """A drawing with words, and what leads to it from the step before."""

    glyph: str  # see wsbook.figures.glyphs
    label: str
    note: str = ""  # smaller, below the label
    by: str = "→"  # between the step before and this


@dataclass(frozen=True)
class Lane:
    """Steps from left to right, under a title."""

    title: str
    steps: Sequence[Step]
    note: str = ""  # below the steps


def scheme(lanes: Sequence[Lane], caption: str) -> str:
    """A figure as one block of HTML. Its words are text of the page, so that a reader hears them in their order."""
    body = "\n".join(map(_lane, lanes))
    return f'<figure class="ws-scheme">\n{body}\n<figcaption>{escape(caption)}</figcaption>\n</figure>'


def _lane(lane: Lane) -> str:
    steps = "\n".join(_step(step, first=number == 0) for number, step in enumerate(lane.steps))
    note = f'\n<p class="ws-lane-note">{escape(lane.note)}</p>' if lane.note else ""
    title = f'<p class="ws-lane-title">{escape(lane.title)}</p>'
    return f'<div class="ws-lane" style="--steps:{len(lane.steps)}">\n{title}\n<ol>\n{steps}\n</ol>{note}\n</div>'


def _step(step: Step, first: bool) -> str:
    by = (
        ""
        if first
        else f'<span class="ws-by" aria-hidden="true"{_turned(step.by)}>{escape(step.by)}</span>'
    )
    note = f"<small>{escape(step.note)}</small>" if step.note else ""
    drawing = f'<span class="ws-drawing">{step.glyph}</span>'
    return f'<li>{by}{drawing}<span class="ws-label">{escape(step.label)}{note}</span></li>'


def _turned(by: str) -> str:
    """Arrows point down where steps stand one below the other."""
    return ' data-turn=""' if by in "→←↔⇄" else ""
