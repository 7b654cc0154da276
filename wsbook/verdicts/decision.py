"""Claims decided by records: the outcome of every part, and what they come to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

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
    paper_scale: bool = False  # whether all its records were measured at the paper's own
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


class Sampled(NamedTuple):
    """What a profile has for a part."""

    profile: str
    table: pd.DataFrame  # all records of the experiment
    array: np.ndarray  # the part's samples
    used: pd.DataFrame  # the records they come from

    def is_enough(self, part: Part) -> bool:
        """Whether the rule of a part can decide on it: a row that lacks a sample is no row."""
        whole = ~np.isnan(self.array.reshape(len(self.array), -1)).any(axis=1)
        return whole.sum() >= part.rule.min_n


def decide_part(part: Part, tables: Tables, derived: Derived, profiles: tuple[str, ...]) -> Evidence:
    """Apply the rule of one part to the best profile that has enough records, so that one that is still being measured
    hides no other; to the best that has any, where none has enough; `not run` where none has any."""
    found = list(sampled(part, tables, derived, profiles))
    if not found:
        reason = f"no record of {part.experiment} at profile {' or '.join(profiles)}"
        return Evidence(part, Outcome(Verdict.NOT_RUN, reason))
    best = next((item for item in found if item.is_enough(part)), found[0])
    paper_scale = bool(best.used["paper_scale"].all())
    return Evidence(
        part,
        outcome=part.rule.decide(best.array, 0, paper_scale=paper_scale),
        profile=best.profile,
        device=", ".join(sorted(best.used["device"].unique())),
        date=best.used["utc"].max()[:10],
        stale=bool(best.used["stale"].any()),
        paper_scale=paper_scale,
        samples=best.array,
        placebo=placebo_samples(part, best.table, derived),
    )


def sampled(part: Part, tables: Tables, derived: Derived, profiles: tuple[str, ...]) -> Iterator[Sampled]:
    """What each profile has for a part, of those that have something."""
    for profile in profiles:
        table = tables(part.experiment, profile)
        if not table.empty:
            array, used = samples(part, table, derived)
            if len(used) and array.size:
                yield Sampled(profile, table, array, used)


def placebo_samples(part: Part, table: pd.DataFrame, derived: Derived) -> np.ndarray | None:
    """The samples that a part names for the case that there is nothing to find, if it does."""
    if not part.placebo:
        return None
    whole = {"metric", "metrics", "derived"} & part.placebo.keys()
    selection = part.placebo if whole else {**part.selection, **part.placebo}
    return samples(replace(part, selection=selection), table, derived)[0]
