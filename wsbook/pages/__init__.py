"""Pages and page parts that are computed from claims and records."""

from wsbook.pages.agreement import agreement, committed
from wsbook.pages.badge import badge
from wsbook.pages.generate import render_all
from wsbook.pages.recap import paper_lines, paper_values, recap

__all__ = ["agreement", "badge", "committed", "paper_lines", "paper_values", "recap", "render_all"]
