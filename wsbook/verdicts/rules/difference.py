"""The rule on the difference between two settings."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from wsbook.verdicts.rules.paired import Paired
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text
from wsbook.verdicts.statistics import Array, MeanTest, tost

EXPECTED = ("greater", "less", "no less", "no greater", "different", "equal")
ALIKE = ("equal", "no less", "no greater")  # what is claimed is that there is no such difference


@dataclass(frozen=True, kw_only=True)
class Difference(Paired):
    """a is greater than, less than, different from, or (within the margin) equal to b, or no less or no
    greater than b by the margin (non-inferiority): a may be better by any amount.

    Different means by more than the margin, in whichever direction: alpha is then divided between
    the two one-sided tests, and the interval shown has level 1 - alpha.
    """

    expect: str  # of EXPECTED

    kind: ClassVar[str] = "difference"
    columns: ClassVar[tuple[int, float]] = (2, 2)

    def __post_init__(self):
        super().__post_init__()
        self._one_of("expect", EXPECTED)
        if self.expect not in ("greater", "less"):
            self._number("margin", f"a positive number where {self.expect} is expected", lambda x: x > 0)

    def sentence(self) -> str:
        if self.expect == "equal":
            return (
                f"Reproduced if a and b differ by less than {self.margin:.3g} ({self._by}, both "
                f"sides), not reproduced if they differ by significantly more, inconclusive "
                f"otherwise"
            )
        if self.expect == "different":
            return (
                f"Reproduced if a and b differ, in either direction, by more than "
                f"{self.margin:.3g} ({self._by}, halved for each side), not reproduced if they "
                f"differ by significantly less, inconclusive otherwise"
            )
        if self.expect.startswith("no "):
            return (
                f"Reproduced if a is at most {self.margin:.3g} {self.expect.removeprefix('no ')} than b, or on the "
                f"other side of it ({self._by}), not reproduced if that is refuted by the opposite test, "
                f"inconclusive otherwise"
            )
        return (
            f"Reproduced if a is {self.expect} than b{self._by_more} ({self._by}), not "
            f"reproduced if that is refuted by the opposite test, inconclusive otherwise"
        )

    @property
    def wanted(self) -> str:
        either = {"equal": "within", "different": "beyond"}.get(self.expect)
        return f"{either} ± {self.margin:.3g}" if either else super().wanted

    @property
    def asked(self) -> tuple[float, float]:
        """Of a difference in either direction, the upper of two such intervals."""
        return (-self.margin, self.margin) if self.expect == "equal" else super().asked

    @property
    def usual_effect(self) -> float | None:
        """No difference, where none by more than the margin is claimed; else as of other rules."""
        return 0.0 if self.expect in ALIKE else super().usual_effect

    @property
    def _bar(self) -> float:
        return -self.margin if self.expect.startswith("no ") else self.margin

    def _null_means(self, rows: Array) -> Array:
        """a and b differ by just what must be exceeded, or may not be reached."""
        return self._effect_means(rows, self._bar)

    def _effect_means(self, rows: Array, effect: float) -> Array:
        """a and b differ by the effect, in the claimed direction."""
        return rows[:, 1].mean() + np.array([-effect if self._falls else effect, 0.0])

    @property
    def _falls(self) -> bool:
        return self.expect in ("less", "no greater")

    def _differences(self, rows: Array) -> Array:
        d = rows[..., :1] - rows[..., 1:]
        return -d if self._falls else d

    def _support(self, test: MeanTest) -> Array:
        if self.expect == "equal":
            return tost(test, self.margin)
        if self.expect == "different":
            return np.minimum(1.0, 2 * np.minimum(test.greater(self.margin), test.less(-self.margin)))
        return super()._support(test)

    def _oppose(self, test: MeanTest) -> Array:
        """p values of "they differ" where they are said to be equal, and the other way round."""
        return replace(self, expect="different" if self.expect == "equal" else "equal")._support(test)

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        if self.expect not in ("different", "equal"):
            return super()._judge(rows, generator)
        d = self._differences(rows)
        test = self._test(d, generator)
        p, opposite = float(self._support(test)[0]), float(self._oppose(test)[0])
        verdict = Verdict.INCONCLUSIVE
        if p <= self.level:
            verdict = Verdict.REPRODUCED
        elif opposite <= self.level:
            verdict = Verdict.NOT_REPRODUCED
        sides = 1 if self.expect == "equal" else 2  # among which alpha is divided
        low, high = (float(end[0]) for end in test.interval(self.level / sides))
        mean, level = float(d.mean()), 1 - 2 * self.level / sides
        detail = (
            f"Mean difference {mean:.3g}, {interval_text(low, high, level)}, against a margin of "
            f"±{self.margin:.3g} (p {p:.3g}){self._too_few(test, sides)}"
        )
        return Outcome(verdict, detail, estimate=mean, interval=(low, high), level=level, p=p)
