"""What stories quote, looked up in claims and decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsbook.book.pages.stories.story import Quote
from wsbook.errors import StudyError
from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.rules import Verdict


@dataclass(frozen=True)
class Quoted:
    """A part of a claim as the records decide it, for a template to print."""

    claim: str  # id
    verdict: Verdict
    evidence: Evidence

    @property
    def estimate(self) -> float:
        """The estimate of the part's rule.

        Raises
            StudyError: where there is none.
        """
        return self._known("estimate")

    @property
    def low(self) -> float:
        """The lower end of its interval; raises as `estimate` does."""
        return self._known("interval")[0]

    @property
    def high(self) -> float:
        """The upper end of its interval; raises as `estimate` does."""
        return self._known("interval")[1]

    @property
    def n(self) -> int:
        """The number of samples."""
        return self.evidence.outcome.n

    def _known(self, name: str) -> Any:
        value = getattr(self.evidence.outcome, name)
        if value is None:
            said = self.evidence.part.says
            raise StudyError(f"claim {self.claim}, part '{said}' has no {name}; do not quote it.")
        return value


def look_up(quote: Quote, decisions: Sequence[Decision]) -> Quoted:
    """What a quote stands for.

    Raises
        StudyError: where there is no such claim, or the claim has no such part.
    """
    decision = find_decision(quote.claim, decisions)
    if not quote.part:
        return Quoted(quote.claim, decision.verdict, decision.headline)
    for item in decision.evidence:
        if item.part.says == quote.part:
            return Quoted(quote.claim, item.outcome.verdict, item)
    said = "; ".join(item.part.says for item in decision.evidence)
    raise StudyError(f"claim {quote.claim} has no part '{quote.part}'; its parts are: {said}.")


def find_decision(claim_id: str, decisions: Sequence[Decision]) -> Decision:
    """The decision of a claim; raises a StudyError where there is no such claim."""
    for decision in decisions:
        if decision.claim.id == claim_id:
            return decision
    raise StudyError(f"there is no claim {claim_id!r}.")


def printed(decisions: Sequence[Decision], claim_id: str, of: str, **setting: object) -> float:
    """A number that the paper prints for a claim, by quantity and setting.

    Raises
        StudyError: unless exactly one is described so.
    """
    values = find_decision(claim_id, decisions).claim.paper
    found = [value.value for value in values if value.of == of and matches(value.setting, setting)]
    if len(found) != 1:
        raise StudyError(
            f"the paper prints {len(found)} numbers for {claim_id}: {of}, {setting}; name one."
        )
    return found[0]


def matches(setting: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    """Whether a setting has the wanted values, among others."""
    return all(setting.get(name) == value for name, value in wanted.items())
