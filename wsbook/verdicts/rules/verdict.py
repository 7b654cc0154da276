"""What a rule concludes, and how the parts of a claim add up."""

from collections.abc import Collection
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


def conjunction(verdicts: Collection[Verdict]) -> Verdict:
    """The verdict on a claim that several statements hold at once.

    One that is refuted refutes it. It is reproduced, or partly, if they all are. Otherwise it is inconclusive, or not
    run where none was.
    Raises StudyError where there is no statement.
    """
    if not verdicts:
        raise StudyError("A claim needs at least one part; add one to the claim file.")
    if set(verdicts) == {Verdict.NOT_RUN}:
        return Verdict.NOT_RUN
    if Verdict.NOT_REPRODUCED in verdicts:
        return Verdict.NOT_REPRODUCED
    if {Verdict.INCONCLUSIVE, Verdict.NOT_RUN} & set(verdicts):
        return Verdict.INCONCLUSIVE
    return Verdict.PARTLY if Verdict.PARTLY in verdicts else Verdict.REPRODUCED
