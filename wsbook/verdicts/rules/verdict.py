"""What a rule concludes, and how the parts of a claim add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wsbook.errors import StudyError


class Verdict(StrEnum):
    REPRODUCED = "reproduced"
    PARTLY = "partly"
    NOT_REPRODUCED = "not reproduced"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Outcome:
    """What a rule found. Interval ends may be infinite where n is too small to bound them."""

    verdict: Verdict
    detail: str  # one sentence of evidence, with numbers
    n: int = 0  # seeds that the estimate rests on
    estimate: float | None = None
    interval: tuple[float, float] | None = None  # none where samples are all there are
    level: float | None = None  # of the interval
    p: float | None = None  # of the test that the claim's confirmation hangs on


def combine(outcomes: Sequence[Outcome], joint: bool = False) -> Verdict:
    """The verdict on a claim of several parts.

    All alike: that verdict. If the claim is a joint one, that every part holds, one refuted part refutes
    it. Some part reproduced, or partly: partly. Otherwise nothing supports the
    claim and a part of it is undecided or was not run, so it is inconclusive.
    Raises StudyError for a claim without parts.
    """
    verdicts = {outcome.verdict for outcome in outcomes}
    if not verdicts:
        raise StudyError("A claim needs at least one part; add one to the claim file.")
    if len(verdicts) == 1:
        return verdicts.pop()
    if joint and Verdict.NOT_REPRODUCED in verdicts:
        return Verdict.NOT_REPRODUCED
    if verdicts & {Verdict.REPRODUCED, Verdict.PARTLY}:
        return Verdict.PARTLY
    return Verdict.INCONCLUSIVE
