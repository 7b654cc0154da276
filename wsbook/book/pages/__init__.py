"""Pages and page parts that are computed from claims and records."""

from wsbook.book.pages.agreement import agreement, committed
from wsbook.book.pages.badge import badge
from wsbook.book.pages.generate import render_all
from wsbook.book.pages.recap import paper_lines, paper_values, recap

__all__ = ["agreement", "badge", "committed", "paper_lines", "paper_values", "recap", "render_all"]
