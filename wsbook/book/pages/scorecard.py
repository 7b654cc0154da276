"""The scorecard page: one sortable row a claim, and below it each claim with its rules and evidence."""

from collections.abc import Sequence
from html import escape

from wsbook.book.pages.axis import asked_text, axis, paper_value
from wsbook.book.pages.filters import attributes, filters, kinds
from wsbook.book.pages.multiplicity import family_section
from wsbook.book.pages.recap import measured, odds_cells
from wsbook.figures.display import Cell, verdict
from wsbook.study.places import RESULTS, ROOT
from wsbook.verdicts.claims import Claim
from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.multiplicity import family
from wsbook.verdicts.quantity import quantity_of

INTRODUCTION = """---
html_theme.sidebar_secondary.remove: true
---

# Scorecard

```{{div}} lead
Every claim, what its rule asks, and what the committed records say. A claim's name leads to its parts, its rules word for word, and its records.
```

{table}

A claim's verdict is that of one part, its headline, and the count says how many of its parts share it. *Asked* is where the rule wants the estimate, which the axis
shades; a diamond marks the paper's number, a dot with a line ours with its interval. Gains in accuracy are in percentage points. Parentheses say how many of what the estimate is over. *By chance* is
the chance that the rule would confirm the headline if there were nothing to find, *power* the chance that it would if the effect were there, with as many samples as
there are, scattered as they are. {{doc}}`../how_to_read` explains all this.

{family}
"""

BADGE = """
```{include} badge.md
```
"""


def overview(decisions: Sequence[Decision]) -> str:
    """The table of all claims as HTML, with its filters: a row a claim, by its headline."""
    rows = "\n".join(map(row, decisions))
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    return f"""<div class="ws-scorecard">
{filters("ws-scorecard", kinds(decisions))}
<table class="ws-table ws-cards sortable">
<caption>All claims</caption>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


COLUMNS = ("Claim", "What is claimed", "Verdict", "Asked", "Ours", "", "By chance", "Power")


def row(decision: Decision) -> str:
    """One claim as a row of the table."""
    claim, head = decision.claim, decision.headline
    cells = (
        Cell(claim.id, f'<a href="#claim-{claim.id.lower()}">{claim.id}</a>'),
        Cell(claim.title),
        word_above_count(decision),
        asked(head),
        measured(head),
        Cell("", axis(head), sort=""),
        *odds_cells(head).values(),
    )
    return f"<tr {attributes(decision)}>{''.join(map(entry, COLUMNS, cells))}</tr>"


def word_above_count(decision: Decision) -> Cell:
    """The verdict, and below it how many parts share it."""
    chip = verdict(decision.verdict)
    return Cell(chip.text, f"{chip.html}<small>{decision.qualification}</small>", chip.sort)


def asked(item: Evidence) -> Cell:
    """What the rule asks, and what the paper prints where it does."""
    printed = paper_value(item)
    paper = "" if printed is None else f"<small>paper: {quantity_of(item.part).short(printed)}</small>"
    return Cell(asked_text(item), f"{asked_text(item)}{paper}")


def entry(name: str, cell: Cell) -> str:
    """One cell, which a phone shows beside its column's name."""
    sort = "" if cell.sort is None else f' data-sort="{escape(str(cell.sort))}"'
    return f'<td data-label="{name}"{sort}>{cell.html or escape(cell.text)}</td>'


def records_links(decision: Decision) -> str:
    """Download links of the record files behind a claim."""
    links = []
    for item in decision.evidence:
        path = RESULTS / item.profile / f"{item.part.experiment}.jsonl"
        if item.profile and path.is_file():
            links.append(f"{{download}}`{path.name} <../../{path.relative_to(ROOT)}>`")
    return ", ".join(dict.fromkeys(links)) or "none yet"


def paper_values(decision: Decision) -> str:
    """The numbers that the paper prints, as a list."""
    lines = []
    for value in decision.claim.paper:
        setting = ", ".join(f"{name} = {x}" for name, x in value.setting.items())
        where = f" at {setting}" if setting else ""
        lines.append(f"- {value.of}{where}: {value.value:g} ({value.unit}; {value.source})")
    return "\n".join(lines) or "- The claim is made in words."


def parts_of(decision: Decision, frail: Sequence[Evidence]) -> str:
    """The parts of a claim as one table: what is said and by which rule, what was found, with which odds."""
    rows = "\n".join(part_row(decision, number, frail) for number in range(len(decision.evidence)))
    head = "".join(f'<th scope="col">{name}</th>' for name in PART_COLUMNS)
    return f"""<div class="ws-scroll"><table class="ws-table ws-cards">
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


PART_COLUMNS = ("Part", "Verdict", "Asked", "Ours", "", "By chance", "Power")


def part_row(decision: Decision, number: int, frail: Sequence[Evidence]) -> str:
    """One part as a row, with an anchor of its own; a dagger where it would not be confirmed among all."""
    item = decision.evidence[number]
    anchor = f"part-{decision.claim.id.lower()}-{number + 1}"
    cells = (
        Cell("", part_words(decision, item, anchor, any(item is other for other in frail))),
        verdict(item.outcome.verdict),
        asked(item),
        measured(item),
        Cell("", axis(item)),
        *odds_cells(item).values(),
    )
    return f'<tr id="{anchor}">{"".join(map(entry, PART_COLUMNS, cells))}</tr>'


def part_words(decision: Decision, item: Evidence, anchor: str, frail: bool) -> str:
    """What a part says, a link to it, and its rule and evidence in a fold."""
    head = "<b>Headline.</b> " if item is decision.headline and len(decision.counted) > 1 else ""
    rule = f"{item.part.rule.describe()} {item.part.stands}".rstrip()
    return (
        f"{head}{escape(item.part.label)}{' †' * frail} "
        f'<a class="ws-anchor" href="#{anchor}" aria-label="Link to this part">#</a>'
        f"<details><summary>Rule and evidence</summary><p>{escape(rule)}</p><p>{escape(item.outcome.detail)}</p></details>"
    )


def joined(claim: Claim) -> str:
    """That all parts must hold, where they must, and when that was decided."""
    if not claim.joint:
        return ""
    return f" All parts must hold, which was decided {claim.since} the records."


def details(decision: Decision, frail: Sequence[Evidence]) -> str:
    """One claim in full, as MyST Markdown, folded below its heading; parts of `frail` get a dagger."""
    claim = decision.claim
    return f"""
(claim-{claim.id.lower()})=
## {claim.id}: {claim.title}

:::{{dropdown}} {decision.verdict}{f", {decision.qualification}" if decision.qualification else ""}: statement, parts, rules, records
**Claimed** ({claim.where}). {claim.statement}

**As we test it.** {claim.reading or "As stated."}{joined(claim)}

**The paper's numbers**

{paper_values(decision)}

{parts_of(decision, frail)}

Figures and this machine's run: <a href="../executed/{claim.notebook}.html#recap-{claim.id.lower()}">{claim.notebook}</a>. Records:
{records_links(decision)}.
:::
"""


def scorecard_page(decisions: Sequence[Decision]) -> str:
    """The whole page as MyST Markdown."""
    tests = family(decisions)
    frail = [test.evidence for test in tests if test.frail]
    sections = [details(decision, frail) for decision in decisions]
    introduction = INTRODUCTION.format(table=overview(decisions), family=family_section(tests))
    return introduction + "\n".join(sections) + BADGE
