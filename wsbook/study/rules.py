"""Decision rules: what a claim must show, written down before the run, and the verdict it earns.

A rule sees only arrays of a metric. Value and Threshold take (n seeds,); the others take
(n seeds, m settings) whose rows are paired by seed, with the columns

    Order, Trend    the settings in the order in which the claim lists them
    Best            the setting said to be best, then its rivals
    Difference      a, then b

NaN marks a cell without a record: its row is dropped and counted. ±inf marks a recorded run that
diverged: its row is dropped from the estimate and counted, and where more than `max_diverged` of
the rows diverged the verdict is inconclusive, whatever the survivors say. A claim about divergence
itself is a rule on a finite metric (diverged: 0 or 1).

The order of the rows makes no difference to a verdict, and a seed makes it repeatable.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from math import isfinite
from numbers import Real
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from wsbook.errors import StudyError
from wsbook.study.statistics import (
    Array,
    MeanTest,
    PairedT,
    SignFlip,
    bootstrap_interval,
    holm,
    kendall,
    page_trend,
    quantile_interval,
    t_interval,
    tost,
)

QUANTILES = {"median": 0.5, "q90": 0.9}
STATISTICS = {"mean": "mean", "median": "median", "q90": "90 % quantile"}
INTERVALS = {"t": "Student's t", "bca": "BCa bootstrap"}
TESTS = {"sign-flip": "paired sign-flip test of the mean", "t": "paired t test"}


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
    interval: tuple[float, float] | None = None
    level: float | None = None  # of the interval
    p: float | None = None  # of the test that the claim's confirmation hangs on


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What all rules share: sorting out the samples, the conditions on them, and the scale.

    A subclass states its `sentence`, judges complete finite rows in `_judge`, and says in
    `about_a_value` whether its subject is an absolute number, which only runs at the paper's
    scale can reproduce.
    """

    min_n: int = 5  # complete seeds below which the verdict is inconclusive
    max_diverged: float = 0.1  # share of diverged seeds above which it is inconclusive

    kind: ClassVar[str]
    about_a_value: ClassVar[bool] = False
    columns: ClassVar[tuple[int, int | None]]  # fewest and most settings; (0, 0) for one, 1-D

    def __post_init__(self):
        whole = isinstance(self.min_n, int) and not isinstance(self.min_n, bool)
        self._require(whole and self.min_n >= 2, "min_n", "a whole number of at least 2")
        self._number("max_diverged", "a share from 0 to 1", lambda x: 0 <= x <= 1)

    def decide(
        self, samples: ArrayLike, generator: np.random.Generator | int, *, paper_scale: bool
    ) -> Outcome:
        """The verdict on samples, (n,) or (n, m) as the module says.

        `generator` (or a seed) drives resampling. `paper_scale` says whether the runs were
        made at the paper's own scale; below it, a rule about a value earns at most `partly`.
        Raises StudyError where the samples have the wrong shape.
        """
        rows = self._rows(samples)
        if np.isnan(rows).all():
            return Outcome(Verdict.NOT_RUN, "No run has been recorded.")
        complete = np.isfinite(rows).all(axis=1)
        diverged = np.count_nonzero(np.isinf(rows).any(axis=1))
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
            reasons.append(f"fewer than the {self.min_n} seeds needed")
        if diverged > self.max_diverged * (n + diverged):
            reasons.append(f"more than {_percent(self.max_diverged)} of the runs diverged")
        if reasons:
            verdict = Verdict.INCONCLUSIVE
        reasons.append(f"measured {'at' if paper_scale else 'below'} the paper's scale")
        if verdict is Verdict.REPRODUCED and self.about_a_value and not paper_scale:
            verdict = Verdict.PARTLY
            reasons.append("where the paper's number cannot be more than partly reproduced")
        return verdict, reasons

    def describe(self) -> str:
        """The rule as one sentence for the page."""
        return (
            f"{self.sentence()} (needs at least {self.min_n} seeds, of which at most "
            f"{_percent(self.max_diverged)} diverged)."
        )

    def sentence(self) -> str:
        raise NotImplementedError

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        """The outcome for finite (n >= 2, m) rows; `decide` adds n and the notes to its detail."""
        raise NotImplementedError

    def _rows(self, samples: ArrayLike) -> Array:
        x = np.asarray(samples, dtype=np.float64)
        fewest, most = self.columns
        if most == 0 and x.ndim == 1:
            return x[:, None]
        if most != 0 and x.ndim == 2 and fewest <= x.shape[1] <= (most or x.shape[1]):
            return x
        expected = "(seeds,)"
        if most != 0:
            expected = f"(seeds, {fewest})" if most else f"(seeds, {fewest} or more settings)"
        raise StudyError(
            f"Rule '{self.kind}' needs samples of shape {expected}, got {x.shape}; "
            f"check which settings the claim selects."
        )

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

    def _share(self, name: str, most: float = 1.0) -> None:
        self._number(name, f"a number between 0 and {most:g}", lambda x: 0 < x < most)

    def _one_of(self, name: str, known: Sequence[str]) -> None:
        self._require(getattr(self, name) in known, name, "one of " + ", ".join(known))


@dataclass(frozen=True, kw_only=True)
class Value(Rule):
    """The mean is the paper's value, within a band: an equivalence test by interval inclusion.

    Student's interval is the default because it covers better at few seeds: simulated with 5, 10
    and 30 normal, exponential and log-normal samples, it came as close to 95 % as BCa or closer.
    """

    paper: float
    band: float  # how far from the paper's value still counts as the same
    level: float = 0.95
    method: str = "t"  # of INTERVALS

    kind: ClassVar[str] = "value"
    about_a_value: ClassVar[bool] = True
    columns: ClassVar[tuple[int, int | None]] = (0, 0)

    def __post_init__(self):
        super().__post_init__()
        self._number("paper")
        self._number("band", "a positive number", lambda x: x > 0)
        self._share("level")
        self._one_of("method", tuple(INTERVALS))

    def sentence(self) -> str:
        return (
            f"Reproduced if the {_percent(self.level)} interval of the mean over seeds "
            f"({INTERVALS[self.method]}) lies within {self.paper:.3g} ± {self.band:.3g}, not "
            f"reproduced if it lies wholly outside, inconclusive otherwise"
        )

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        low, high = _mean_interval(rows[:, 0], self.level, self.method, generator)
        least, most = self.paper - self.band, self.paper + self.band
        verdict, place = Verdict.INCONCLUSIVE, "across an edge of"
        if least <= low and high <= most:
            verdict, place = Verdict.REPRODUCED, "within"
        elif high < least or low > most:
            verdict, place = Verdict.NOT_REPRODUCED, "outside"
        mean = float(rows.mean())
        detail = (
            f"Mean {mean:.3g}, {_interval(low, high, self.level)}, {place} "
            f"{self.paper:.3g} ± {self.band:.3g}"
        )
        return _estimated(verdict, detail, mean, low, high, self.level)


@dataclass(frozen=True, kw_only=True)
class Threshold(Rule):
    """The mean (or median, or 90 % quantile) over seeds is below, or above, a bound."""

    below: float | None = None  # give exactly one of below and above
    above: float | None = None
    statistic: str = "mean"  # of STATISTICS; quantiles have order statistics as intervals
    level: float = 0.95
    method: str = "t"  # of INTERVALS, for the mean

    kind: ClassVar[str] = "threshold"
    about_a_value: ClassVar[bool] = True
    columns: ClassVar[tuple[int, int | None]] = (0, 0)

    def __post_init__(self):
        super().__post_init__()
        one = (self.below is None) != (self.above is None)
        self._require(one, "below", "given, or else above, and not both")
        self._number("above" if self.below is None else "below")
        self._one_of("statistic", tuple(STATISTICS))
        self._share("level")
        self._one_of("method", tuple(INTERVALS))

    @property
    def _claim(self) -> str:
        if self.below is None:
            return f"above {self.above:.3g}"
        return f"below {self.below:.3g}"

    def sentence(self) -> str:
        mean = self.statistic == "mean"
        how = INTERVALS[self.method] if mean else "order statistics"
        return (
            f"Reproduced if the {_percent(self.level)} interval of the "
            f"{STATISTICS[self.statistic]} over seeds ({how}) lies wholly {self._claim}, not "
            f"reproduced if it lies wholly on the other side, inconclusive otherwise"
        )

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        x = rows[:, 0]
        if self.statistic == "mean":
            estimate = float(x.mean())
            low, high = _mean_interval(x, self.level, self.method, generator)
        else:
            q = QUANTILES[self.statistic]
            estimate = float(np.quantile(x, q))
            low, high = quantile_interval(x, q, self.level)
        if self.below is None:
            held, failed = low > self.above, high < self.above
        else:
            held, failed = high < self.below, low > self.below
        verdict, place = Verdict.INCONCLUSIVE, "not clearly"
        if held:
            verdict, place = Verdict.REPRODUCED, "wholly"
        elif failed:
            verdict, place = Verdict.NOT_REPRODUCED, "nowhere"
        name = STATISTICS[self.statistic]
        detail = (
            f"{name[0].upper()}{name[1:]} {estimate:.3g}, {_interval(low, high, self.level)}, "
            f"{place} {self._claim}"
        )
        return _estimated(verdict, detail, estimate, low, high, self.level)


@dataclass(frozen=True, kw_only=True)
class Paired(Rule):
    """Shared by the rules on differences within a seed, oriented so that the claim says > margin.

    `alpha` is the chance of a false confirmation: the tests are one-sided, Holm-corrected over the
    differences. The interval shown is the matching one at level 1 - 2 alpha, of the difference with
    the weakest evidence, so that it excludes the margin where that difference is confirmed. A
    difference significantly below the margin is refuted: reversed, or too small to matter.
    """

    margin: float = 0.0  # the smallest difference that counts
    alpha: float = 0.05
    method: str = "sign-flip"  # of TESTS; t is the fast path, for pages that decide thousands

    def __post_init__(self):
        super().__post_init__()
        self._number("margin", "a number of at least 0", lambda x: x >= 0)
        self._share("alpha", 0.5)
        self._one_of("method", tuple(TESTS))

    def _differences(self, rows: Array) -> Array:
        """(n, k) differences, positive where the claim holds."""
        raise NotImplementedError

    def _weigh(self, test: MeanTest, confirmed: Array, refuted: Array) -> Verdict:
        if confirmed.all():
            return Verdict.REPRODUCED
        if refuted.any():
            return Verdict.PARTLY if confirmed.any() else Verdict.NOT_REPRODUCED
        return Verdict.INCONCLUSIVE

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        d = self._differences(rows)
        test = self._test(d, generator)
        raw, less = test.greater(self.margin), holm(test.less(self.margin))
        p = holm(raw)
        confirmed, refuted = p <= self.alpha, less <= self.alpha
        weakest = int(np.lexsort((d.mean(axis=0), -raw))[0])
        low, high = (end[weakest] for end in test.interval(self.alpha))

        mean, level = d.mean(axis=0), 1 - 2 * self.alpha
        detail = f"Mean difference in the claimed direction {_list(mean)} (p {_list(p)}), "
        if len(p) > 1:
            detail += (
                f"{confirmed.sum()} of {len(p)} confirmed and {refuted.sum()} refuted, "
                f"weakest {mean[weakest]:.3g} with "
            )
        detail += _interval(low, high, level)
        if test.smallest_p * len(p) > self.alpha:
            detail += f"; too few seeds for this test to reach {_percent(self.alpha)}"
        verdict = self._weigh(test, confirmed, refuted)
        outcome = _estimated(verdict, detail, mean[weakest], low, high, level)
        return replace(outcome, p=float(p.max()))

    def _test(self, d: Array, generator: np.random.Generator) -> MeanTest:
        return SignFlip(d, generator) if self.method == "sign-flip" else PairedT(d)

    @property
    def _by(self) -> str:
        return f"one-sided {TESTS[self.method]}, {_percent(self.alpha)}"

    @property
    def _by_more(self) -> str:
        return f" by more than {self.margin:.3g}" if self.margin else ""


@dataclass(frozen=True, kw_only=True)
class Order(Paired):
    """The metric increases (or decreases) at every step along the listed settings."""

    expect: str  # increasing or decreasing

    kind: ClassVar[str] = "order"
    columns: ClassVar[tuple[int, int | None]] = (2, None)

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
        return _sign(self.expect == "increasing") * np.diff(rows, axis=1)


@dataclass(frozen=True, kw_only=True)
class Best(Paired):
    """The first setting is the lowest (or highest) of all.

    Unlike in an order, one rival that is significantly better refutes the claim outright; `partly`
    is left for a setting that beats some rivals and ties with the others within the margin.
    """

    expect: str  # lowest or highest

    kind: ClassVar[str] = "best"
    columns: ClassVar[tuple[int, int | None]] = (2, None)

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
        return _sign(self.expect == "highest") * (rows[:, :1] - rows[:, 1:])

    def _weigh(self, test: MeanTest, confirmed: Array, refuted: Array) -> Verdict:
        if (holm(test.less()) <= self.alpha).any():
            return Verdict.NOT_REPRODUCED
        if confirmed.any() and not (confirmed | refuted).all():
            return Verdict.INCONCLUSIVE
        return super()._weigh(test, confirmed, refuted)


@dataclass(frozen=True, kw_only=True)
class Difference(Paired):
    """a is greater than, less than, or (within the margin) equal to b."""

    expect: str  # greater, less or equal

    kind: ClassVar[str] = "difference"
    columns: ClassVar[tuple[int, int | None]] = (2, 2)

    def __post_init__(self):
        super().__post_init__()
        self._one_of("expect", ("greater", "less", "equal"))
        if self.expect == "equal":
            self._number("margin", "a positive number for equality", lambda x: x > 0)

    def sentence(self) -> str:
        if self.expect == "equal":
            return (
                f"Reproduced if a and b differ by less than {self.margin:.3g} ({self._by}, both "
                f"sides), not reproduced if they differ by significantly more, inconclusive "
                f"otherwise"
            )
        return (
            f"Reproduced if a is {self.expect} than b{self._by_more} ({self._by}), not "
            f"reproduced if that is refuted by the opposite test, inconclusive otherwise"
        )

    def _differences(self, rows: Array) -> Array:
        return _sign(self.expect != "less") * (rows[:, :1] - rows[:, 1:])

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        if self.expect != "equal":
            return super()._judge(rows, generator)
        d = self._differences(rows)
        test = self._test(d, generator)
        p = float(tost(test, self.margin)[0])
        more = min(test.greater(self.margin)[0], test.less(-self.margin)[0])
        verdict = Verdict.INCONCLUSIVE
        if p <= self.alpha:
            verdict = Verdict.REPRODUCED
        elif more <= self.alpha:
            verdict = Verdict.NOT_REPRODUCED
        low, high = (end[0] for end in test.interval(self.alpha))
        mean, level = float(d.mean()), 1 - 2 * self.alpha
        detail = (
            f"Mean difference {mean:.3g}, {_interval(low, high, level)}, against a margin of "
            f"±{self.margin:.3g} (equivalence p {p:.3g})"
        )
        return replace(_estimated(verdict, detail, mean, low, high, level), p=p)


@dataclass(frozen=True, kw_only=True)
class Trend(Rule):
    """The metric rises (or falls) along the settings, clearly and in most seeds.

    Page's test asks whether there is a trend at all; the mean over seeds of Kendall's tau, positive
    in the claimed direction, says how strict it is, and must exceed `minimum`.
    """

    expect: str  # increasing or decreasing
    minimum: float = 0.5  # mean tau that the claim's trend must exceed
    alpha: float = 0.05  # of Page's test
    level: float = 0.95  # of the interval of the mean tau
    method: str = "t"  # of INTERVALS

    kind: ClassVar[str] = "trend"
    columns: ClassVar[tuple[int, int | None]] = (3, None)

    def __post_init__(self):
        super().__post_init__()
        self._one_of("expect", ("increasing", "decreasing"))
        self._number("minimum", "a number from 0 to below 1", lambda x: 0 <= x < 1)
        self._share("alpha", 0.5)
        self._share("level")
        self._one_of("method", tuple(INTERVALS))

    def sentence(self) -> str:
        return (
            f"Reproduced if the metric is {self.expect} along the settings (Page's L test, "
            f"{_percent(self.alpha)}) and the {_percent(self.level)} interval of the mean Kendall "
            f"correlation within a seed ({INTERVALS[self.method]}) lies above {self.minimum:.3g}, "
            f"partly if only the trend is confirmed, not reproduced if the opposite trend is, or "
            f"if neither is and the interval lies below {self.minimum:.3g}, inconclusive otherwise"
        )

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        oriented = _sign(self.expect == "increasing") * rows
        tau = kendall(oriented)
        low, high = _mean_interval(tau, self.level, self.method, generator)
        low, high = max(low, -1.0), min(high, 1.0)
        p, opposite = float(page_trend(oriented)), float(page_trend(-oriented))
        if p <= self.alpha:
            verdict = Verdict.REPRODUCED if low > self.minimum else Verdict.PARTLY
        elif opposite <= self.alpha or high < self.minimum:
            verdict = Verdict.NOT_REPRODUCED
        else:
            verdict = Verdict.INCONCLUSIVE
        detail = (
            f"Mean Kendall correlation in the claimed direction {tau.mean():.3g}, "
            f"{_interval(low, high, self.level)}, against a minimum of {self.minimum:.3g} "
            f"(Page's p {p:.3g})"
        )
        return replace(_estimated(verdict, detail, tau.mean(), low, high, self.level), p=p)


RULES: dict[str, type[Rule]] = {
    rule.kind: rule for rule in (Value, Threshold, Order, Trend, Best, Difference)
}


def make_rule(kind: str, **settings: object) -> Rule:
    """The rule of that kind, e.g. make_rule("value", paper=0.22, band=0.03).

    Raises StudyError for an unknown kind, an unknown or missing field, or a senseless value.
    """
    if kind not in RULES:
        raise StudyError(f"Unknown rule {kind!r}; choose one of {', '.join(RULES)}.")
    known = {field.name: field.default is MISSING for field in fields(RULES[kind])}
    for name in settings:
        if name not in known:
            raise StudyError(
                f"Rule '{kind}' has no field {name!r}; its fields are {', '.join(known)}."
            )
    for name, required in known.items():
        if required and name not in settings:
            raise StudyError(f"Rule '{kind}' lacks {name!r}; add it in the claim file.")
    return RULES[kind](**settings)


def combine(outcomes: Sequence[Outcome]) -> Verdict:
    """The verdict on a claim of several parts.

    All alike: that verdict. Some part reproduced, or partly: partly. Otherwise nothing supports the
    claim and a part of it is undecided or was not run, so it is inconclusive.
    Raises StudyError for a claim without parts.
    """
    verdicts = {outcome.verdict for outcome in outcomes}
    if not verdicts:
        raise StudyError("A claim needs at least one part; add one to the claim file.")
    if len(verdicts) == 1:
        return verdicts.pop()
    if verdicts & {Verdict.REPRODUCED, Verdict.PARTLY}:
        return Verdict.PARTLY
    return Verdict.INCONCLUSIVE


def _mean_interval(
    x: Array, level: float, method: str, generator: np.random.Generator
) -> tuple[float, float]:
    if method == "t":
        low, high = t_interval(x, level)
    else:
        low, high = bootstrap_interval(x, generator, level)
    return float(low), float(high)


def _estimated(
    verdict: Verdict, detail: str, estimate: float, low: float, high: float, level: float
) -> Outcome:
    return Outcome(
        verdict,
        detail,
        estimate=float(estimate),
        interval=(float(low), float(high)),
        level=level,
    )


def _sign(condition: bool) -> int:
    return 1 if condition else -1


def _interval(low: float, high: float, level: float) -> str:
    return f"{_percent(level)} interval [{low:.3g}, {high:.3g}]"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _list(values: Array) -> str:
    return ", ".join(f"{value:.3g}" for value in values)
