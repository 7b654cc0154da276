"""The map of verdicts on the front page: a tile a claim, in it a bar a part and the headline on an axis."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from wsbook.book.pages.axis import axis
from wsbook.book.pages.filters import attributes, choices, count, filters, slug
from wsbook.book.pages.findings import tally
from wsbook.catalogue import PAPERS
from wsbook.verdicts.decision import Decision
from wsbook.verdicts.rules import Verdict

SCORECARD = "generated/scorecard.html"  # from the front page
SAMPLE = (
    '<svg class="ws-axis" viewBox="0 0 60 20" aria-hidden="true"><path class="ax-asked" d="M18 1H42V19H18z"/>'
    '<path class="ax-line" d="M0 10H60"/><path class="ax-paper" d="M30 3.5l5 6.5l-5 6.5l-5 -6.5z"/>'
    '<path class="ax-ours" d="M44 10H58"/><circle class="ax-dot" cx="51" cy="10" r="3.6"/></svg>'
)


def map_page(decisions: Sequence[Decision]) -> str:
    """The whole map as HTML, to be included."""
    names = {paper.letter: paper.short for paper in PAPERS}
    groups = "\n".join(
        of_paper(names[letter], list(group))
        for letter, group in groupby(decisions, lambda d: d.claim.id[0])
    )
    return f"""<div class="ws-map">
{filters("ws-map", choices(decisions))}
{legend()}
{groups}
{count(len(decisions))}
</div>
"""


def legend() -> str:
    """What bars and axes mean."""
    words = "".join(f"<span>{bar(word)} {word}</span>" for word in Verdict)
    return f"""<div class="ws-map-key"><p>A bar a part of the claim, the tall one its headline: {words}</p>
<p>{SAMPLE} The headline on an axis: the shade is what its rule asks, the diamond the paper's number, dot and line are ours with
the interval. Ticks stand at 1 and 10 half-widths of the band or, where there is only a bound, smallest effects to be seen.</p></div>"""


def of_paper(name: str, decisions: Sequence[Decision]) -> str:
    """The tiles of one paper's claims below its name and how they came out."""
    letter = decisions[0].claim.id[0]
    tiles = "\n".join(map(tile, decisions))
    return f"""<section {attributes(decisions)} aria-label="{letter}. {escape(name)}">
<p class="ws-map-paper"><b>{letter}. {escape(name)}</b> {tally(decisions)}</p>
<div class="ws-tiles">
{tiles}
</div>
</section>"""


def tile(decision: Decision) -> str:
    """One claim: its title, a bar a part, its headline on an axis; the whole leads to the scorecard."""
    claim = decision.claim
    bars = "".join(
        bar(item.outcome.verdict, item.part.says, item is decision.headline) for item in decision.counted
    )
    said = f"{decision.verdict}, {decision.qualification}".rstrip(", ")
    return (
        f'<a class="ws-tile is-{slug(decision.verdict)}" href="{SCORECARD}#claim-{claim.id.lower()}" {attributes([decision])}>'
        f'<span class="ws-tile-id">{escape(claim.id)}</span><span class="ws-tile-title">{escape(claim.title)}</span>'
        f'<span class="ws-bars" role="img" aria-label="{escape(said)}">{bars}</span>{axis(decision.headline)}</a>'
    )


def bar(word: Verdict, says: str = "", headline: bool = False) -> str:
    """A bar that tells the verdict of a part by its pattern and its colour."""
    title = f' title="{escape(says)}: {word}"' if says else ""
    return f'<i class="ws-bar is-{slug(word)}{" ws-head" * headline}"{title}></i>'
