"""Pages and page parts that are computed from claims and records."""

from wsbook.pages.badge import badge
from wsbook.pages.generate import render_all
from wsbook.pages.recap import paper_lines, paper_values, recap

__all__ = ["badge", "paper_lines", "paper_values", "recap", "render_all"]
