"""All tests of the book as one family: which of them would survive if the reader chose among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import false_discovery_control

from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.rules import Verdict
from wsbook.verdicts.statistics import holm

LEVEL = 0.05


@dataclass(frozen=True)
class Tested:
    """One part that rests on a p value, with this p as corrected for the number of all of them."""

    claim: str
    evidence: Evidence
    holm: float  # <= LEVEL: not one false confirmation in the whole family, but with that chance
    false_discovery: float  # <= LEVEL: among all that are kept, at most this share is expected to be false

    @property
    def p(self) -> float:
        """As it is decided by, corrected for the comparisons within the part alone."""
        return self.evidence.outcome.p

    @property
    def frail(self) -> bool:
        """Whether the part is reproduced, and would not be among all tests by the milder correction."""
        return self.evidence.outcome.verdict is Verdict.REPRODUCED and self.false_discovery > LEVEL


def family(decisions: Sequence[Decision]) -> list[Tested]:
    """Every part that counts, was run and rests on a p value, corrected by Holm and by Benjamini and Hochberg."""
    tests = [
        (decision.claim.id, item)
        for decision in decisions
        for item in decision.counted
        if item.outcome.p is not None
    ]
    p = [item.outcome.p for _, item in tests]
    corrected = zip(holm(p), false_discovery_control(p)) if p else ()
    return [Tested(claim, item, float(a), float(b)) for (claim, item), (a, b) in zip(tests, corrected)]
