"""Rules on differences between settings within a seed: what they share, an order, and a best one."""

from abc import abstractmethod
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text, listed, percent
from wsbook.verdicts.statistics import Array, MeanTest, PairedT, SignFlip, holm, pocock

TESTS = {"sign-flip": "paired sign-flip test of the mean", "t": "paired t test"}


def rising(looks: object) -> bool:
    """Whether these are numbers of seeds at which one can look."""
    whole = isinstance(looks, list | tuple) and all(type(n) is int for n in looks)
    return whole and list(looks) == sorted({n for n in looks if n >= 2})


@dataclass(frozen=True, kw_only=True)
class Paired(Rule):
    """Shared by the rules on differences within a seed, oriented so that the claim says > margin.

    `alpha` is the chance of a false confirmation: the tests are one-sided, Holm-corrected over the
    differences. The interval shown is the matching one at level 1 - 2 alpha, of the difference with
    the weakest evidence, so that it excludes the margin where that difference is confirmed. A
    difference significantly below the margin is refuted: reversed, or too small to matter. Rules that
    allow a loss put their bar elsewhere than at the margin.

    Where seeds were added because the first had left the claim open, it was tested more than once: all `looks` are
    declared, and each is at the level that makes the chance of a false confirmation alpha over all of them.
    """

    margin: float = 0.0  # the smallest difference that counts
    alpha: float = 0.05
    method: str = "sign-flip"  # of TESTS; t is the fast path, for pages that decide thousands
    looks: tuple[int, ...] = ()  # numbers of seeds at which it was, or is to be, decided

    def __post_init__(self):
        super().__post_init__()
        self._number("margin", "a number of at least 0", lambda x: x >= 0)
        self._require(rising(self.looks), "looks", "rising numbers of seeds, from 2")
        object.__setattr__(
            self, "looks", tuple(self.looks)
        )  # a list in the claim file, which is not hashable
        self._share("alpha", 0.5)
        self._one_of("method", tuple(TESTS))

    @abstractmethod
    def _differences(self, rows: Array) -> Array:
        """(..., n, k) differences, positive where the claim holds."""

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
        p = self._support(test)
        confirmed, refuted = p <= self.level, less <= self.level
        weakest = int(np.lexsort((d.mean(axis=0), -raw))[0])
        low, high = (float(end[weakest]) for end in test.interval(self.level))

        mean, level = d.mean(axis=0), 1 - 2 * self.level
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
    def asked(self) -> tuple[float, float]:
        return self._bar, inf

    @property
    def level(self) -> float:
        """Of each of its one-sided tests, for alpha over all looks."""
        return pocock(self.alpha, self.looks)

    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        """At any of the looks; by t tests, whatever the method."""
        differences = np.moveaxis(self._differences(batch), -2, 0)  # (n, draws, k)
        looks = [n for n in self.looks if n < len(differences)] + [len(differences)]
        found = [self._support(PairedT(differences[:n])) <= self.level for n in looks]
        return np.logical_or.reduce([each.all(axis=-1) for each in found])

    @property
    def usual_effect(self) -> float | None:
        """Twice the margin: a difference that counts."""
        return 2 * self.margin or None

    def _support(self, test: MeanTest) -> Array:
        """p values (..., k) of the claimed differences, corrected for their number."""
        return holm(test.greater(self._bar))

    @property
    def _bar(self) -> float:
        """What the claimed difference must exceed."""
        return self.margin

    def _test(self, d: Array, generator: np.random.Generator) -> MeanTest:
        return SignFlip(d, generator) if self.method == "sign-flip" else PairedT(d)

    def _too_few(self, test: MeanTest, comparisons: int) -> str:
        """The remark, if it applies, that even the clearest samples would not confirm the claim."""
        if test.smallest_p * comparisons <= self.level:
            return ""
        return f"; too few seeds for this test to reach {percent(self.alpha)}"

    @property
    def _by(self) -> str:
        looks = " and ".join(map(str, self.looks))
        again = f" over looks at {looks} seeds" if self.looks else ""
        return f"one-sided {TESTS[self.method]}, {percent(self.alpha)}{again}"

    @property
    def _by_more(self) -> str:
        return f" by more than {self.margin:.3g}" if self.margin else ""


@dataclass(frozen=True, kw_only=True)
class Order(Paired):
    """The metric increases (or decreases) at every step along the listed settings."""

    expect: str  # increasing or decreasing

    kind: ClassVar[str] = "order"
    of_settings: ClassVar[bool] = True
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

    def _effect_means(self, rows: Array, effect: float) -> Array:
        """Every step is as large as the effect, in the claimed direction."""
        return rows.mean() + effect * np.arange(rows.shape[1]) * (1 if self.expect == "increasing" else -1)

    def _differences(self, rows: Array) -> Array:
        steps = np.diff(rows, axis=-1)
        return steps if self.expect == "increasing" else -steps


@dataclass(frozen=True, kw_only=True)
class Best(Paired):
    """The first setting is the lowest (or highest) of all.

    Unlike in an order, one rival that is significantly better refutes the claim outright; `partly`
    is left for a setting that beats some rivals and ties with the others within the margin.
    """

    expect: str  # lowest or highest

    kind: ClassVar[str] = "best"
    of_settings: ClassVar[bool] = True
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

    def _effect_means(self, rows: Array, effect: float) -> Array:
        """All rivals are alike, and the named setting is better than they by the effect."""
        lead = np.zeros(rows.shape[1])
        lead[0] = effect if self.expect == "highest" else -effect
        return rows[:, 1:].mean() + lead

    def _differences(self, rows: Array) -> Array:
        lead = rows[..., :1] - rows[..., 1:]
        return lead if self.expect == "highest" else -lead

    def _weigh(self, test: MeanTest, confirmed: Array, refuted: Array) -> Verdict:
        if (holm(test.less()) <= self.level).any():
            return Verdict.NOT_REPRODUCED
        if confirmed.any() and not (confirmed | refuted).all():
            return Verdict.INCONCLUSIVE
        return super()._weigh(test, confirmed, refuted)
