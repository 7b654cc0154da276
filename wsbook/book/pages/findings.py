"""How many claims came out how, computed from the verdicts."""

from collections import Counter
from collections.abc import Sequence

from wsbook.verdicts.decision import Decision
from wsbook.verdicts.rules import Verdict


def findings_page(decisions: Sequence[Decision]) -> str:
    """One sentence of the front page: how many claims there are, and how they came out."""
    return f"Of {len(decisions)} claims so far: {tally(decisions)}.\n"


def tally(decisions: Sequence[Decision]) -> str:
    """How often each verdict was reached."""
    counts = Counter(decision.verdict for decision in decisions)
    return ", ".join(f"{counts[word]} {word}" for word in Verdict if counts[word])
