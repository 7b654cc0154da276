"""Rules on the level of one metric: a value, or a bound for its mean or a quantile of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.intervals import INTERVALS, mean_interval
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text, percent
from wsbook.verdicts.statistics import Array, quantile_interval, t_interval

QUANTILES = {"median": 0.5, "q90": 0.9}
STATISTICS = {"mean": "mean", "median": "median", "q90": "90 % quantile"}


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
    columns: ClassVar[tuple[int, float]] = (0, 0)

    def __post_init__(self):
        super().__post_init__()
        self._number("paper")
        self._number("band", "a positive number", lambda x: x > 0)
        self._share("level")
        self._one_of("method", tuple(INTERVALS))

    @property
    def wanted(self) -> str:
        return f"{self.paper:.3g} ± {self.band:.3g}"

    @property
    def asked(self) -> tuple[float, float]:
        return self.paper - self.band, self.paper + self.band

    def sentence(self) -> str:
        return (
            f"Reproduced if the {percent(self.level)} interval of the mean over seeds "
            f"({INTERVALS[self.method]}) lies within {self.wanted}, not "
            f"reproduced if it lies wholly outside, inconclusive otherwise"
        )

    @property
    def usual_effect(self) -> float | None:
        """The paper's value."""
        return self.paper

    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        """By Student's interval, whatever the method."""
        return self._within(*t_interval(np.moveaxis(batch[..., 0], -1, 0), self.level))

    def _null_means(self, rows: Array) -> Array:
        """The edge of the band that is nearer to the mean."""
        return np.array([self.paper + np.copysign(self.band, rows.mean() - self.paper)])

    def _effect_means(self, rows: Array, effect: float) -> Array:
        return np.array([effect])

    def _within(self, low: Array, high: Array) -> NDArray[np.bool_]:
        return (self.paper - self.band <= low) & (high <= self.paper + self.band)

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        low, high = mean_interval(rows[:, 0], self.level, self.method, generator)
        least, most = self.paper - self.band, self.paper + self.band
        verdict, place = Verdict.INCONCLUSIVE, "across an edge of"
        if self._within(low, high):
            verdict, place = Verdict.REPRODUCED, "within"
        elif high < least or low > most:
            verdict, place = Verdict.NOT_REPRODUCED, "outside"
        mean = float(rows.mean())
        detail = f"Mean {mean:.3g}, {interval_text(low, high, self.level)}, {place} {self.wanted}"
        return Outcome(verdict, detail, estimate=mean, interval=(low, high), level=self.level)


@dataclass(frozen=True, kw_only=True)
class Bound(Rule):
    """Shared by the rules about a bound."""

    below: float | None = None  # give exactly one of below and above
    above: float | None = None
    ours: bool = False  # the bound is our tolerance, or a sign, and not a number of the paper's

    columns: ClassVar[tuple[int, float]] = (0, 0)

    def __post_init__(self):
        super().__post_init__()
        self._flag("ours")
        one = (self.below is None) != (self.above is None)
        self._require(one, "below", "given, or else above, and not both")
        self._number("above" if self.below is None else "below")

    @property
    def about_a_value(self) -> bool:
        return not self.ours

    @property
    def wanted(self) -> str:
        if self.below is None:
            return f"above {self.above:.3g}"
        return f"below {self.below:.3g}"

    @property
    def asked(self) -> tuple[float, float]:
        return (-inf, self.below) if self.above is None else (self.above, inf)

    @property
    def bound(self) -> float:
        """Whichever is given."""
        return self.above if self.below is None else self.below

    def _beyond(self, values: Array) -> NDArray[np.bool_]:
        """Which values lie on the claimed side of the bound."""
        return values > self.bound if self.below is None else values < self.bound

    def _shifted(self, effect: float) -> float:
        """The bound, moved by the effect to the claimed side."""
        return self.bound + (effect if self.below is None else -effect)

    def _null_means(self, rows: Array) -> Array:
        """The bound."""
        return np.array([self.bound])

    def _effect_means(self, rows: Array, effect: float) -> Array:
        """Beyond the bound by the effect."""
        return np.array([self._shifted(effect)])


@dataclass(frozen=True, kw_only=True)
class Threshold(Bound):
    """The mean (or median, or 90 % quantile) over seeds is below, or above, a bound."""

    statistic: str = "mean"  # of STATISTICS; quantiles have order statistics as intervals
    level: float = 0.95
    method: str = "t"  # of INTERVALS, for the mean

    kind: ClassVar[str] = "threshold"

    def __post_init__(self):
        super().__post_init__()
        self._one_of("statistic", tuple(STATISTICS))
        self._share("level")
        self._one_of("method", tuple(INTERVALS))

    def sentence(self) -> str:
        mean = self.statistic == "mean"
        how = INTERVALS[self.method] if mean else "order statistics"
        return (
            f"Reproduced if the {percent(self.level)} interval of the "
            f"{STATISTICS[self.statistic]} over seeds ({how}) lies wholly {self.wanted}, not "
            f"reproduced if it lies wholly on the other side, inconclusive otherwise"
        )

    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        """By Student's interval, whatever the method."""
        low, high = self._interval(np.moveaxis(batch[..., 0], -1, 0))
        return self._beyond(low if self.below is None else high)

    def null_samples(self, rows: Array, draws: int, generator: np.random.Generator) -> Array:
        """The statistic is the bound; scattered as the samples are."""
        return super().null_samples(rows, draws, generator) - self._apart(rows)

    def effect_samples(
        self, rows: Array, effect: float | Sequence[float], draws: int, generator: np.random.Generator
    ) -> Array:
        """The statistic is beyond the bound by the effect; scattered as the samples are."""
        return super().effect_samples(rows, effect, draws, generator) - self._apart(rows)

    def _apart(self, rows: Array) -> float:
        """How far the statistic of normal samples lies from their mean, with the scatter of `rows`."""
        return float(ndtri(QUANTILES.get(self.statistic, 0.5)) * rows.std(ddof=1))

    def _interval(self, x: Array) -> tuple[Array, Array]:
        """Of the statistic of (n, ...) samples, by the fast path."""
        if self.statistic == "mean":
            return t_interval(x, self.level)
        return quantile_interval(x, QUANTILES[self.statistic], self.level)

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        x = rows[:, 0]
        if self.statistic == "mean":
            estimate = float(x.mean())
            low, high = mean_interval(x, self.level, self.method, generator)
        else:
            estimate = float(np.quantile(x, QUANTILES[self.statistic]))
            low, high = (float(end) for end in self._interval(x))
        verdict, place = Verdict.INCONCLUSIVE, "not clearly"
        if self._beyond(low if self.below is None else high):
            verdict, place = Verdict.REPRODUCED, "wholly"
        elif (high < self.bound) if self.below is None else (low > self.bound):
            verdict, place = Verdict.NOT_REPRODUCED, "nowhere"
        name = STATISTICS[self.statistic]
        detail = (
            f"{name[0].upper()}{name[1:]} {estimate:.3g}, {interval_text(low, high, self.level)}, "
            f"{place} {self.wanted}"
        )
        return Outcome(verdict, detail, estimate=estimate, interval=(low, high), level=self.level)
