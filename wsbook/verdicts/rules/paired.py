"""Rules on differences between settings within a seed."""

from abc import abstractmethod
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np

from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text, listed, percent
from wsbook.verdicts.statistics import Array, MeanTest, PairedT, SignFlip, holm, tost

EXPECTED = ("greater", "less", "no less", "no greater", "different", "equal")
TESTS = {"sign-flip": "paired sign-flip test of the mean", "t": "paired t test"}


@dataclass(frozen=True, kw_only=True)
class Paired(Rule):
    """Shared by the rules on differences within a seed, oriented so that the claim says > margin.

    `alpha` is the chance of a false confirmation: the tests are one-sided, Holm-corrected over the
    differences. The interval shown is the matching one at level 1 - 2 alpha, of the difference with
    the weakest evidence, so that it excludes the margin where that difference is confirmed. A
    difference significantly below the margin is refuted: reversed, or too small to matter. Rules that
    allow a loss put their bar elsewhere than at the margin.
    """

    margin: float = 0.0  # the smallest difference that counts
    alpha: float = 0.05
    method: str = "sign-flip"  # of TESTS; t is the fast path, for pages that decide thousands

    def __post_init__(self):
        super().__post_init__()
        self._number("margin", "a number of at least 0", lambda x: x >= 0)
        self._share("alpha", 0.5)
        self._one_of("method", tuple(TESTS))

    @abstractmethod
    def _differences(self, rows: Array) -> Array:
        """(n, k) differences, positive where the claim holds."""

    def _weigh(self, test: MeanTest, confirmed: Array, refuted: Array) -> Verdict:
        if confirmed.all():
            return Verdict.REPRODUCED
        if refuted.any():
            return Verdict.PARTLY if confirmed.any() else Verdict.NOT_REPRODUCED
        return Verdict.INCONCLUSIVE

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        d = self._differences(rows)
        test = self._test(d, generator)
        raw, less = test.greater(self._bar), holm(test.less(self._bar))
        p = holm(raw)
        confirmed, refuted = p <= self.alpha, less <= self.alpha
        weakest = int(np.lexsort((d.mean(axis=0), -raw))[0])
        low, high = (float(end[weakest]) for end in test.interval(self.alpha))

        mean, level = d.mean(axis=0), 1 - 2 * self.alpha
        detail = f"Mean difference in the claimed direction {listed(mean)} (p {listed(p)}), "
        if len(p) > 1:
            detail += (
                f"{confirmed.sum()} of {len(p)} confirmed and {refuted.sum()} refuted, "
                f"weakest {mean[weakest]:.3g} with "
            )
        detail += interval_text(low, high, level) + self._too_few(test, len(p))
        return Outcome(
            self._weigh(test, confirmed, refuted),
            detail,
            estimate=float(mean[weakest]),
            interval=(low, high),
            level=level,
            p=float(p.max()),
        )

    @property
    def wanted(self) -> str:
        return f"above {self._bar:.3g}"

    @property
    def _bar(self) -> float:
        """What the claimed difference must exceed."""
        return self.margin

    def _test(self, d: Array, generator: np.random.Generator) -> MeanTest:
        return SignFlip(d, generator) if self.method == "sign-flip" else PairedT(d)

    def _too_few(self, test: MeanTest, comparisons: int) -> str:
        """The remark, if it applies, that even the clearest samples would not confirm the claim."""
        if test.smallest_p * comparisons <= self.alpha:
            return ""
        return f"; too few seeds for this test to reach {percent(self.alpha)}"

    @property
    def _by(self) -> str:
        return f"one-sided {TESTS[self.method]}, {percent(self.alpha)}"

    @property
    def _by_more(self) -> str:
        return f" by more than {self.margin:.3g}" if self.margin else ""


@dataclass(frozen=True, kw_only=True)
class Order(Paired):
    """The metric increases (or decreases) at every step along the listed settings."""

    expect: str  # increasing or decreasing

    kind: ClassVar[str] = "order"
    columns: ClassVar[tuple[int, float]] = (2, inf)

    def __post_init__(self):
        super().__post_init__()
        self._one_of("expect", ("increasing", "decreasing"))

    def sentence(self) -> str:
        return (
            f"Reproduced if the metric is {self.expect}{self._by_more} at every step from one "
            f"setting to the next ({self._by}, Holm-corrected over the steps), partly if some "
            f"steps are confirmed and others refuted by the opposite test, not reproduced if none "
            f"is confirmed and at least one is refuted, inconclusive otherwise"
        )

    def _differences(self, rows: Array) -> Array:
        steps = np.diff(rows, axis=1)
        return steps if self.expect == "increasing" else -steps


@dataclass(frozen=True, kw_only=True)
class Best(Paired):
    """The first setting is the lowest (or highest) of all.

    Unlike in an order, one rival that is significantly better refutes the claim outright; `partly`
    is left for a setting that beats some rivals and ties with the others within the margin.
    """

    expect: str  # lowest or highest

    kind: ClassVar[str] = "best"
    columns: ClassVar[tuple[int, float]] = (2, inf)

    def __post_init__(self):
        super().__post_init__()
        self._one_of("expect", ("lowest", "highest"))

    def sentence(self) -> str:
        return (
            f"Reproduced if the named setting is the {self.expect}{self._by_more} against every "
            f"other ({self._by}, Holm-corrected over the rivals), not reproduced if a rival is "
            f"significantly better, or none is beaten and at least one is too close, partly if "
            f"some are beaten and all others too close, inconclusive otherwise"
        )

    def _differences(self, rows: Array) -> Array:
        lead = rows[:, :1] - rows[:, 1:]
        return lead if self.expect == "highest" else -lead

    def _weigh(self, test: MeanTest, confirmed: Array, refuted: Array) -> Verdict:
        if (holm(test.less()) <= self.alpha).any():
            return Verdict.NOT_REPRODUCED
        if confirmed.any() and not (confirmed | refuted).all():
            return Verdict.INCONCLUSIVE
        return super()._weigh(test, confirmed, refuted)


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
    def _bar(self) -> float:
        return -self.margin if self.expect.startswith("no ") else self.margin

    def _differences(self, rows: Array) -> Array:
        d = rows[:, :1] - rows[:, 1:]
        return -d if self.expect in ("less", "no greater") else d

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        if self.expect not in ("different", "equal"):
            return super()._judge(rows, generator)
        equal = self.expect == "equal"
        d = self._differences(rows)
        test = self._test(d, generator)
        same = float(tost(test, self.margin)[0])
        either = 2 * min(test.greater(self.margin)[0], test.less(-self.margin)[0])
        apart = min(1.0, float(either))
        p, opposite = (same, apart) if equal else (apart, same)
        verdict = Verdict.INCONCLUSIVE
        if p <= self.alpha:
            verdict = Verdict.REPRODUCED
        elif opposite <= self.alpha:
            verdict = Verdict.NOT_REPRODUCED
        sides = 1 if equal else 2  # among which alpha is divided
        low, high = (float(end[0]) for end in test.interval(self.alpha / sides))
        mean, level = float(d.mean()), 1 - 2 * self.alpha / sides
        detail = (
            f"Mean difference {mean:.3g}, {interval_text(low, high, level)}, against a margin of "
            f"±{self.margin:.3g} (p {p:.3g}){self._too_few(test, sides)}"
        )
        return Outcome(verdict, detail, estimate=mean, interval=(low, high), level=level, p=p)
