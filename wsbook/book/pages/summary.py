"""What stands on top of a chapter: each claim that it decides, what was found, and how sure that is."""

from collections.abc import Sequence
from html import escape

from wsbook.book.pages.recap import chance, measured
from wsbook.figures.display import verdict
from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.odds_cache import odds_of

ABOVE = "../generated/scorecard.html"  # from a chapter


def summary_page(decisions: Sequence[Decision]) -> str:
    """The verdicts of one notebook's claims as HTML to be included: what is claimed above what was found."""
    if not decisions:
        return "<p class='ws-summary-none'>No claim is decided on this page.</p>\n"
    entries = "\n".join(map(entry, decisions))
    return (
        f'<div class="ws-summary" role="list" aria-label="The verdicts of this page">\n{entries}\n</div>\n'
    )


def entry(decision: Decision) -> str:
    """One claim: the paper's words and ours, with the chip and the odds of its headline."""
    claim, head = decision.claim, decision.headline
    link = f"{ABOVE}#claim-{claim.id.lower()}"
    chip = verdict(decision.verdict, decision.qualification)
    return f"""<div class="ws-entry" role="listitem">
<p class="ws-claimed"><b>Claimed</b> <a href="{link}" title="{escape(claim.where)}">{escape(claim.title)}</a></p>
<p class="ws-found"><b>Found</b> <span>{chip.html} {escape(found(head))}</span></p>
<p class="ws-sure">{escape(sureness(head))}</p>
</div>"""


def found(head: Evidence) -> str:
    """The headline's statement with its estimate, interval and number of samples."""
    if not head.ran:
        return head.part.says
    return f"{head.part.says}: {measured(head).text}"


def sureness(head: Evidence) -> str:
    """At which scale the headline was measured, and how likely its rule was to come out wrong, either way."""
    if not head.ran:
        return "not run; the paper profile runs it"
    said = ["at the paper's scale" if head.paper_scale else "below the paper's scale"]
    if odds := odds_of(head):
        said.append(f"confirmed by chance {chance(odds.false_confirmation).text}")
        said.append(f"power {chance(odds.power).text}")
    return " · ".join(said)
