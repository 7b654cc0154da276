"""Figures and tables as the book shows them: one style, readable on a light and a dark page."""

from wsbook.figures.display import Cell, sentence, show, table, verdict
from wsbook.figures.fold import folded
from wsbook.figures.source import source
from wsbook.figures.style import INK, PALETTE, PAPER, ink_on, new_figure, ordered, style

__all__ = [
    "INK", "PALETTE", "PAPER", "Cell", "folded", "ink_on", "new_figure", "ordered", "sentence", "show", "source",
    "style", "table", "verdict",
]  # fmt: skip
