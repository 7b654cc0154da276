"""The map of verdicts on the front page: a tile a claim, in it a mark a part and the headline on an axis."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from wsbook.book.pages.axis import axis
from wsbook.book.pages.filters import attributes, filters, kinds
from wsbook.book.pages.findings import tally
from wsbook.catalogue import PAPERS
from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.rules import Verdict

SCORECARD = "generated/scorecard.html"  # from the front page
KEY = "shaded: what the rule asks · ◆ the paper · ● ours, with its interval"


def map_page(decisions: Sequence[Decision]) -> str:
    """The whole map as HTML, to be included."""
    names = {paper.letter: paper.short for paper in PAPERS}
    groups = "\n".join(
        of_paper(names[letter], list(group))
        for letter, group in groupby(decisions, lambda d: d.claim.id[0])
    )
    return f"""<div class="ws-map">
{filters("ws-map", kinds(decisions))}
{legend()}
{groups}
</div>
"""


def legend() -> str:
    """What marks and axes mean."""
    words = "".join(f"<span>{mark(word)} {word}</span>" for word in Verdict)
    return f'<p class="ws-map-key">{words}<span>{KEY}</span></p>'


def of_paper(name: str, decisions: Sequence[Decision]) -> str:
    """The tiles of one paper's claims below its name and how they came out."""
    letter = decisions[0].claim.id[0]
    tiles = "\n".join(map(tile, decisions))
    return f"""<section data-paper="{letter}">
<p class="ws-map-paper"><b>{letter}. {escape(name)}</b> {tally(decisions)}</p>
<div class="ws-tiles">
{tiles}
</div>
</section>"""


def tile(decision: Decision) -> str:
    """One claim: its title, a mark a part, its headline on an axis; the whole leads to the scorecard."""
    claim = decision.claim
    marks = "".join(mark(item.outcome.verdict, item) for item in decision.counted)
    word = str(decision.verdict)
    said = f"{word}, {decision.qualification}".rstrip(", ")
    return (
        f'<a class="ws-tile tile-{word.replace(" ", "-")}" href="{SCORECARD}#claim-{claim.id.lower()}" {attributes(decision)}>'
        f'<span class="ws-tile-id">{escape(claim.id)}</span><span class="ws-tile-title">{escape(claim.title)}</span>'
        f'<span class="ws-marks" role="img" aria-label="{escape(said)}">{marks}</span>{axis(decision.headline)}</a>'
    )


def mark(word: Verdict, item: Evidence | None = None) -> str:
    """A small square that tells the verdict of a part by shape and colour."""
    title = f' title="{escape(item.part.says)}: {word}"' if item else ""
    return f'<i class="ws-mark ws-mark-{str(word).replace(" ", "-")}"{title}></i>'
