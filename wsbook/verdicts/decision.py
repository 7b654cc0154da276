"""Claims decided by records: the outcome of every part, and what they come to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from wsbook.verdicts.claims import Claim, Part
from wsbook.verdicts.rules import Outcome, Verdict, conjunction
from wsbook.verdicts.selection import Derived, samples

DECIDING = ("paper", "cpu")  # profiles whose records decide, best first; quick never does

Tables = Callable[[str, str], pd.DataFrame]  # (experiment, profile) -> records, as of `tables_in`


@dataclass(frozen=True)
class Evidence:
    """The outcome of one part, and what its records are."""

    part: Part
    outcome: Outcome
    profile: str = ""
    device: str = ""
    date: str = ""
    stale: bool = False
    samples: np.ndarray | None = field(default=None, repr=False, compare=False)  # that the rule saw
    placebo: np.ndarray | None = field(
        default=None, repr=False, compare=False
    )  # in which there is nothing to find

    @property
    def ran(self) -> bool:
        """Whether there are records to decide it by."""
        return self.outcome.verdict is not Verdict.NOT_RUN


@dataclass(frozen=True)
class Decision:
    """A claim with the evidence for it."""

    claim: Claim
    evidence: tuple[Evidence, ...]

    @property
    def headline(self) -> Evidence:
        """The part whose number stands in the scorecard."""
        return self.evidence[self.claim.headline]

    @property
    def counted(self) -> list[Evidence]:
        """The parts that are no controls."""
        return [item for item in self.evidence if not item.part.control]

    @property
    def verdict(self) -> Verdict:
        """That of the headline or, of a joint claim, of all parts together."""
        if self.claim.joint:
            return conjunction([item.outcome.verdict for item in self.counted])
        return self.headline.outcome.verdict

    @property
    def qualification(self) -> str:
        """How many of the parts that were run share the verdict, and how many were not run: "8 of 10 parts, 2 not run".
        Empty where the verdict says it all."""
        ran = [item for item in self.counted if item.ran]
        alike = sum(item.outcome.verdict is self.verdict for item in ran)
        missing = len(self.counted) - len(ran)
        words = [f"{alike} of {len(ran)} part{'s' * (len(ran) > 1)}"] if ran else []
        words += [f"{missing} not run"] if ran and missing else []
        return ", ".join(words) if len(self.counted) > 1 else ""

    @property
    def fewest(self) -> int:
        """The smallest number of samples of a counted part that was run; 0 where none was."""
        return min((item.outcome.n for item in self.counted if item.ran), default=0)


def decide(
    claim: Claim, tables: Tables, derived: Derived, profiles: tuple[str, ...] = DECIDING
) -> Decision:
    """The evidence for a claim by the records of the best profile that has any, part by part."""
    return Decision(claim, tuple(decide_part(part, tables, derived, profiles) for part in claim.parts))


def decide_part(part: Part, tables: Tables, derived: Derived, profiles: tuple[str, ...]) -> Evidence:
    """Apply the rule of one part; `not run` where no profile has records."""
    for profile in profiles:
        table = tables(part.experiment, profile)
        if table.empty:
            continue
        array, used = samples(part, table, derived)
        if used.empty or not array.size:
            continue
        return Evidence(
            part,
            outcome=part.rule.decide(array, 0, paper_scale=bool(used["paper_scale"].all())),
            profile=profile,
            device=", ".join(sorted(used["device"].unique())),
            date=used["utc"].max()[:10],
            stale=bool(used["stale"].any()),
            samples=array,
            placebo=placebo_samples(part, table, derived),
        )
    reason = f"no record of {part.experiment} at profile {' or '.join(profiles)}"
    return Evidence(part, Outcome(Verdict.NOT_RUN, reason))


def placebo_samples(part: Part, table: pd.DataFrame, derived: Derived) -> np.ndarray | None:
    """The samples that a part names for the case that there is nothing to find, if it does."""
    if not part.placebo:
        return None
    whole = {"metric", "metrics", "derived"} & part.placebo.keys()
    selection = part.placebo if whole else {**part.selection, **part.placebo}
    return samples(replace(part, selection=selection), table, derived)[0]
