"""The odds of a part of a claim: how likely its verdict was to come out as it says, from its records alone.

`false_confirmation` is the chance that the rule confirms the part although there is nothing to find, and `power` the
chance that it does if the effect is exactly there: what the paper prints; the smallest that the claim says matters,
where the paper prints none; or what the rule implies. Both are for as many samples as there are, scattered as they are.
What stands for nothing to find, and for the effect, each rule says (`null_samples`, `effect_samples`); a part may name
samples of its own for the null, where its rule would confirm what is no effect. Whether a sample is confirmed is
decided by the rule itself. Its limits on the scale, on which chance has no part, are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from wsbook.verdicts.claims import Part
from wsbook.verdicts.decision import Evidence
from wsbook.verdicts.rules import Rule
from wsbook.verdicts.statistics import Array

DRAWS = 10_000
MONTE_CARLO = 0.5 / sqrt(DRAWS)  # the largest standard error of a simulated chance
LIKELY = 0.8  # power from which on the lack of an effect would have been seen
REFUTABLE, CONFIRMABLE = 0.2, 0.05  # most false confirmation and least power of a part that is a test


@dataclass(frozen=True)
class Odds:
    """Chances of one part to be confirmed."""

    false_confirmation: float
    power: float | None  # None if no effect is stated or implied


def effect_of(part: Part) -> float | Sequence[float] | None:
    """The effect that power is for; None if the part neither states nor implies one."""
    stated = [part.effect, part.rule.usual_effect, part.matters]
    return next((effect for effect in stated if effect is not None), None)


def simulated(evidence: Evidence) -> Odds | None:
    """The odds of a part by simulation; None where it has too few samples to be decided."""
    part, rows = evidence.part, complete(evidence.part.rule, evidence.samples)
    if len(rows) < part.rule.min_n:
        return None
    generator = np.random.default_rng(0)
    if evidence.placebo is None:
        null = part.rule.null_samples(rows, DRAWS, generator)
    else:
        named = complete(part.rule, evidence.placebo)
        null = part.rule.effect_samples(named, named.mean(axis=0).tolist(), DRAWS, generator)
    effect = effect_of(part)
    power = None
    if effect is not None:
        power = chance(part.rule, part.rule.effect_samples(rows, effect, DRAWS, generator))
    return Odds(chance(part.rule, null), power)


def complete(rule: Rule, samples: Array) -> Array:
    """The rows (n, m) of samples in which all is finite."""
    rows = rule.rows(samples)
    return rows[np.isfinite(rows).all(axis=1)]


def chance(rule: Rule, batch: Array) -> float:
    """The share of samples (draws, n, m) that the rule confirms."""
    return float(rule.confirms(batch).mean())
