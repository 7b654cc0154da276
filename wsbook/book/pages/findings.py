"""The part of the front page that says what was found, computed from the verdicts."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from wsbook.catalogue import PAPERS
from wsbook.figures.display import verdict
from wsbook.verdicts.decision import Decision
from wsbook.verdicts.rules import Verdict


def findings_page(decisions: Sequence[Decision]) -> str:
    """Counts of verdicts and one line a claim, paper by paper, as MyST Markdown to be included."""
    names = {paper.letter: paper.short for paper in PAPERS}
    parts = [f"Of {len(decisions)} claims so far: {tally(decisions)}.\n"]
    for paper, group in groupby(decisions, lambda decision: decision.claim.id[0]):
        of_paper = list(group)
        parts.append(f"**{paper}. {names[paper]}**: {tally(of_paper)}.\n")
        parts.append("\n".join(map(line, of_paper)) + "\n")
    return "\n".join(parts)


def tally(decisions: Sequence[Decision]) -> str:
    """How often each verdict was reached."""
    counts = Counter(decision.verdict for decision in decisions)
    return ", ".join(f"{counts[word]} {word}" for word in Verdict if counts[word])


def line(decision: Decision) -> str:
    """The verdict of a claim, and its title with a link to its row of the scorecard."""
    claim = decision.claim
    return f"- {verdict(decision.verdict, decision.qualification).html} [{claim.title}](#claim-{claim.id.lower()})"
