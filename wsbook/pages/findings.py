"""The part of the front page that says what was found, computed from the verdicts."""

from collections import Counter

from wsbook.figures.display import verdict
from wsbook.study.claim import Decision
from wsbook.study.rules import Verdict


def findings_page(decisions: list[Decision]) -> str:
    """Counts of verdicts and one line a claim, as MyST Markdown to be included."""
    counts = Counter(decision.verdict for decision in decisions)
    tally = ", ".join(f"{counts[word]} {word}" for word in Verdict if counts[word])
    lines = []
    for decision in decisions:
        claim = decision.claim
        link = f"[{claim.title}](#claim-{claim.id.lower()})"
        lines.append(f"- {verdict(decision.verdict).html} {link}")
    return f"Of {len(decisions)} claims so far: {tally}.\n\n" + "\n".join(lines) + "\n"
