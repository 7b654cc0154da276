"""What a page keeps for those who want it: folded until it is opened, and open in print."""

from html import escape

from wsbook.figures.display import Shown


def folded(shown: Shown, summary: str) -> Shown:
    """`shown` below a line that opens it; in text as it is."""
    html = f'<details class="ws-fold"><summary>{escape(summary)}</summary>\n{shown.html}\n</details>'
    return Shown(shown.text, html)
