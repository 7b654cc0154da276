"""What all rules share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wsbook.errors import StudyError
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import percent
from wsbook.verdicts.statistics import Array, normal_draws


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """What all rules share: sorting out the samples, the conditions on them, and the scale.

    A subclass states its `sentence`, judges complete finite rows in `_judge`, and says in
    `about_a_value` whether its subject is an absolute number, which only runs at the paper's
    scale can reproduce. For its odds (wsbook.verdicts.odds) it also says, of many samples at once, which it `confirms`,
    and what samples look like if there is nothing to find and if the effect is there. What confirms is computed once,
    for a verdict as for odds, but that odds take the fast paths: t tests and Student's intervals.
    """

    min_n: int = 5  # complete seeds below which the verdict is inconclusive
    max_diverged: float = 0.1  # share of diverged seeds above which it is inconclusive
    needs_scale: bool = (
        False  # only runs at the paper's scale can refute it: shorter ones fall short of a level
    )

    kind: ClassVar[str]
    about_a_value: ClassVar[bool] = False
    of_settings: ClassVar[bool] = (
        False  # it tells settings apart, which are alike if there is nothing to find
    )
    columns: ClassVar[tuple[int, float]]  # fewest and most settings; (0, 0): samples are 1-D

    def __post_init__(self):
        whole = isinstance(self.min_n, int) and not isinstance(self.min_n, bool)
        self._require(whole and self.min_n >= 2, "min_n", "a whole number of at least 2")
        self._number("max_diverged", "a share from 0 to 1", lambda x: 0 <= x <= 1)
        self._flag("needs_scale")

    def decide(
        self, samples: ArrayLike, generator: np.random.Generator | int, *, paper_scale: bool
    ) -> Outcome:
        """The verdict on samples, (n,) or (n, m) as the module says.

        `generator` (or a seed) drives resampling. `paper_scale` says whether the runs were
        made at the paper's own scale; below it, a rule about a value earns at most `partly`, and
        one that needs the scale is not refuted.
        Raises StudyError where the samples have the wrong shape.
        """
        rows = self.rows(samples)
        complete = np.isfinite(rows).all(axis=1)
        diverged = np.count_nonzero(np.isinf(rows).any(axis=1))
        if not complete.any() and not diverged:
            return Outcome(
                Verdict.NOT_RUN, f"No seed has all records that this needs: {len(rows)} incomplete."
            )
        kept = rows[complete]
        kept = kept[np.lexsort(kept.T[::-1])]  # resampling must not see the order of the rows

        found = Outcome(Verdict.INCONCLUSIVE, "No estimate")
        if len(kept) >= 2:
            found = self._judge(kept, np.random.default_rng(generator))
        notes = [found.detail, f"n = {len(kept)}"]
        if not complete.all():
            incomplete = len(rows) - len(kept) - diverged
            notes.append(f"left out: {diverged} diverged, {incomplete} incomplete")
        verdict, reasons = self._limit(found.verdict, len(kept), diverged, paper_scale)
        detail = "; ".join(notes + reasons) + "."
        return replace(found, verdict=verdict, n=len(kept), detail=detail)

    def _limit(
        self, verdict: Verdict, n: int, diverged: int, paper_scale: bool
    ) -> tuple[Verdict, list[str]]:
        """The verdict that n seeds at this scale can carry, and the reasons for it."""
        reasons = []
        if n < self.min_n:
            reasons.append(f"fewer than the {self.min_n} samples needed")
        if diverged > self.max_diverged * (n + diverged):
            reasons.append(f"more than {percent(self.max_diverged)} of the runs diverged")
        if reasons:
            verdict = Verdict.INCONCLUSIVE
        reasons.append(f"measured {'at' if paper_scale else 'below'} the paper's scale")
        if verdict is Verdict.REPRODUCED and self.about_a_value and not paper_scale:
            verdict = Verdict.PARTLY
            reasons.append("where the paper's number cannot be more than partly reproduced")
        if verdict is Verdict.NOT_REPRODUCED and self.needs_scale and not paper_scale:
            verdict = Verdict.INCONCLUSIVE
            reasons.append("which may be why it falls short")
        return verdict, reasons

    def describe(self) -> str:
        """The rule as one sentence for the page."""
        shielded = (
            "; below the paper's scale it is inconclusive where it would be refuted" * self.needs_scale
        )
        return (
            f"{self.sentence()} (needs at least {self.min_n} samples, of which at most "
            f"{percent(self.max_diverged)} diverged{shielded})."
        )

    @abstractmethod
    def sentence(self) -> str:
        """When the verdict is which, without the full stop."""

    @property
    @abstractmethod
    def wanted(self) -> str:
        """What is asked of the estimate, in its own unit, as a few words."""

    @property
    @abstractmethod
    def asked(self) -> tuple[float, float]:
        """Between which ends the estimate must lie, in its own unit; one of them may be infinite."""

    @property
    def usual_effect(self) -> float | None:
        """The effect that power is for where the claim states none; None if the rule implies none."""
        return None

    @abstractmethod
    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        """Which of many samples (draws, n, m) the rule confirms (draws,), all finite and at the paper's scale."""

    def null_samples(self, rows: Array, draws: int, generator: np.random.Generator) -> Array:
        """(draws, n, m) samples in which there is nothing to find, scattered as `rows` (n, m) are: normal, with the
        means of the claim's opposite that are nearest to it. Settings that are then alike have their labels shuffled
        within every seed."""
        drawn = normal_draws(rows, self._null_means(rows), draws, generator)
        return generator.permuted(drawn, axis=-1) if self.of_settings else drawn

    def effect_samples(
        self, rows: Array, effect: float | Sequence[float], draws: int, generator: np.random.Generator
    ) -> Array:
        """(draws, n, m) samples in which the effect is exactly there, scattered as `rows` (n, m) are: normal, with the
        means that a list gives, or that a number gives as the rule reads it."""
        listed = isinstance(effect, Sequence)
        means = np.array(effect, dtype=float) if listed else self._effect_means(rows, effect)
        return normal_draws(rows, means, draws, generator)

    def _null_means(self, rows: Array) -> Array:
        """Means (m,) under the null: all alike."""
        return np.full(rows.shape[1], rows.mean())

    @abstractmethod
    def _effect_means(self, rows: Array, effect: float) -> Array:
        """Means (m,) when the effect is there."""

    @abstractmethod
    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        """The outcome for finite (n >= 2, m) rows; `decide` adds n and the notes to its detail."""

    def rows(self, samples: ArrayLike) -> Array:
        """Samples as (n, m), whatever the rule takes; StudyError where they have the wrong shape."""
        x = np.asarray(samples, dtype=np.float64)
        fewest, most = self.columns
        if most == 0:
            fits, expected = x.ndim == 1, "(seeds,)"
        else:
            fits = x.ndim == 2 and fewest <= x.shape[1] <= most
            expected = f"(seeds, {fewest}{'' if fewest == most else ' or more'} settings)"
        if not fits:
            raise StudyError(
                f"Rule '{self.kind}' needs samples of shape {expected}, got {x.shape}; "
                f"check which settings the claim selects."
            )
        return x if x.ndim == 2 else x[:, None]

    def _require(self, condition: bool, name: str, expected: str) -> None:
        if not condition:
            raise StudyError(
                f"Rule '{self.kind}': {name} must be {expected}, got {getattr(self, name)!r}; "
                f"correct it in the claim file."
            )

    def _number(
        self,
        name: str,
        expected: str = "a finite number",
        allowed: Callable[[float], bool] = isfinite,
    ) -> None:
        value = getattr(self, name)
        number = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
        self._require(number and allowed(value), name, expected)

    def _flag(self, name: str) -> None:
        self._require(isinstance(getattr(self, name), bool), name, "true or false")

    def _share(self, name: str, most: float = 1.0) -> None:
        self._number(name, f"a number between 0 and {most:g}", lambda x: 0 < x < most)

    def _one_of(self, name: str, known: Sequence[str]) -> None:
        self._require(getattr(self, name) in known, name, "one of " + ", ".join(known))
