"""The scorecard page: one sortable row a claim, and below it each claim with its rules and evidence."""

from collections.abc import Sequence
from html import escape

from wsbook.book.pages.details import details
from wsbook.book.pages.filters import attributes, choices, count, filters
from wsbook.book.pages.found import FOUND, entry, found_cells, heading, metric_line
from wsbook.book.pages.multiplicity import family_section
from wsbook.figures.display import Cell
from wsbook.verdicts.decision import Decision
from wsbook.verdicts.multiplicity import family

COLUMNS = ("Claim", "What is claimed", *FOUND)

INTRODUCTION = """---
html_theme.sidebar_secondary.remove: true
---

# Scorecard

```{{div}} lead
Every claim, what its rule asks, and what the committed records say. A claim's name leads to its parts, its rules word for word, and its records.
```

{table}

A claim's verdict is that of one part, its headline, and the count says how many of its parts share it. Numbers are the headline's; parentheses say how many of what they are
over, and an axis shows them. Its shade is what the rule asks, the diamond is the paper's number, dot and line are ours with the interval. All axes have one scale: ticks stand at 1 and 10 half-widths of the band that is
asked for or, where there is only a bound, smallest effects that the rule is to see. Points are percentage points. *By chance* is the chance that the rule would confirm
the headline if there were nothing to find, *power* the chance that it would if the effect were there. {{doc}}`../how_to_read` explains all this.

{family}
"""

BADGE = """
```{include} badge.md
```
"""


def overview(decisions: Sequence[Decision]) -> str:
    """The table of all claims as HTML, with its filters: a row a claim, by its headline."""
    rows = "\n".join(map(row, decisions))
    return f"""<div class="ws-scorecard">
{filters("ws-scorecard", choices(decisions))}
<table class="ws-table ws-cards sortable" aria-label="All claims">
{heading(COLUMNS)}
<tbody>
{rows}
</tbody></table>
{count(len(decisions))}
</div>"""


def row(decision: Decision) -> str:
    """One claim as a row of the table."""
    claim = decision.claim
    cells = (
        Cell(claim.id, f'<a href="#claim-{claim.id.lower()}">{claim.id}</a>'),
        Cell(claim.title, f"{escape(claim.title)}{metric_line(decision.headline)}"),
        *found_cells(decision.headline, decision.qualification),
    )
    return f"<tr {attributes([decision])}>{''.join(map(entry, COLUMNS, cells))}</tr>"


def scorecard_page(decisions: Sequence[Decision]) -> str:
    """The whole page as MyST Markdown."""
    tests = family(decisions)
    frail = [test.evidence for test in tests if test.frail]
    sections = [details(decision, frail) for decision in decisions]
    introduction = INTRODUCTION.format(table=overview(decisions), family=family_section(tests))
    return introduction + "\n".join(sections) + BADGE
