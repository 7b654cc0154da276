"""A claim in full on the scorecard: what is claimed, how it is tested, and each of its parts with rule and evidence."""

from collections.abc import Sequence
from html import escape

from wsbook.book.pages.found import FOUND, entry, found_cells, heading, metric_line
from wsbook.figures.display import Cell
from wsbook.figures.labels import setting_label
from wsbook.study.places import RESULTS, ROOT
from wsbook.study.quantity import Quantity, share
from wsbook.verdicts.claims import Claim, PaperValue
from wsbook.verdicts.decision import Decision, Evidence

UNITS = {"relative error": "", "ratio": "", "weight": ""}  # which say what a number is, and are no unit


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
    return "\n".join(map(paper_line, decision.claim.paper)) or "- The claim is made in words."


def paper_line(value: PaperValue) -> str:
    """A number that the paper prints, with what it is and where it stands."""
    unit = (
        share(value.of) if value.unit == "share" else Quantity(value.of, UNITS.get(value.unit, value.unit))
    )
    name = ", ".join(filter(None, (value.of, setting_label(value.setting))))
    return f"- {name}: {unit.short(value.value)} ({value.source})"


def parts_of(decision: Decision, frail: Sequence[Evidence]) -> str:
    """The parts of a claim as one table: what is said and by which rule, what was found, with which odds."""
    rows = "\n".join(part_row(decision, number, frail) for number in range(len(decision.evidence)))
    return f"""<table class="ws-table ws-cards" aria-label="The parts of {decision.claim.id}">
{heading(("Part", *FOUND))}
<tbody>
{rows}
</tbody></table>"""


def part_row(decision: Decision, number: int, frail: Sequence[Evidence]) -> str:
    """One part as a row, with an anchor of its own; a dagger where it would not be confirmed among all."""
    item = decision.evidence[number]
    anchor = f"part-{decision.claim.id.lower()}-{number + 1}"
    words = part_words(decision, item, anchor, any(item is other for other in frail))
    cells = (Cell("", words), *found_cells(item))
    return f'<tr id="{anchor}">{"".join(map(entry, ("Part", *FOUND), cells))}</tr>'


def part_words(decision: Decision, item: Evidence, anchor: str, frail: bool) -> str:
    """What a part says, a link to it, and its rule and evidence in a fold."""
    head = "<b>Headline.</b> " if item is decision.headline and len(decision.counted) > 1 else ""
    rule = f"{item.part.rule.describe()} {item.part.stands}".rstrip()
    return (
        f"{head}{escape(item.part.label)}{' †' * frail} {copy_link(anchor, 'part')}{metric_line(item)}"
        f"<details><summary>Rule and evidence</summary><p>{escape(rule)}</p><p>{escape(item.outcome.detail)}</p></details>"
    )


def copy_link(anchor: str, what: str) -> str:
    """A link to a place of this page, which a script copies when it is clicked."""
    return f'<a class="ws-anchor" href="#{anchor}" aria-label="Link to this {what}" title="Copy link">#</a>'


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
**Claimed** ({claim.where}). {claim.statement} {copy_link(f"claim-{claim.id.lower()}", "claim")}

**As we test it.** {claim.reading or "As stated."}{joined(claim)}

**The paper's numbers**

{paper_values(decision)}

{parts_of(decision, frail)}

Figures and this machine's run: <a href="../executed/{claim.notebook}.html#recap-{claim.id.lower()}">{claim.notebook}</a>. Records:
{records_links(decision)}.
:::
"""
