"""The rule on a trend along several settings."""

from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.intervals import INTERVALS, mean_interval
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text, percent
from wsbook.verdicts.statistics import Array, kendall, page_trend, t_interval


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
    of_settings: ClassVar[bool] = True
    columns: ClassVar[tuple[int, float]] = (3, inf)

    def __post_init__(self):
        super().__post_init__()
        self._one_of("expect", ("increasing", "decreasing"))
        self._number("minimum", "a number from 0 to below 1", lambda x: 0 <= x < 1)
        self._share("alpha", 0.5)
        self._share("level")
        self._one_of("method", tuple(INTERVALS))

    @property
    def wanted(self) -> str:
        return f"above {self.minimum:.3g}"

    @property
    def asked(self) -> tuple[float, float]:
        return self.minimum, inf

    def sentence(self) -> str:
        return (
            f"Reproduced if the metric is {self.expect} along the settings (Page's L test, "
            f"{percent(self.alpha)}) and the {percent(self.level)} interval of the mean Kendall "
            f"correlation within a seed ({INTERVALS[self.method]}) lies above {self.minimum:.3g}, "
            f"partly if only the trend is confirmed, not reproduced if it is not and the interval lies "
            f"below {self.minimum:.3g}, inconclusive otherwise"
        )

    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        """By Student's interval, whatever the method."""
        oriented = self._oriented(batch)
        low, _ = t_interval(np.moveaxis(kendall(oriented), -1, 0), self.level)
        return self._confirmed(page_trend(oriented), low)

    def _effect_means(self, rows: Array, effect: float) -> Array:
        """Every step is as large as the effect, in the claimed direction."""
        return self._oriented(effect * np.arange(rows.shape[1])) + rows.mean()

    def _oriented(self, rows: Array) -> Array:
        return rows if self.expect == "increasing" else -rows

    def _confirmed(self, p: Array, low: Array) -> NDArray[np.bool_]:
        return (p <= self.alpha) & (low > self.minimum)

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        oriented = self._oriented(rows)
        tau = kendall(oriented)
        mean = float(tau.mean())
        low, high = mean_interval(tau, self.level, self.method, generator)
        low, high = max(low, -1.0), min(high, 1.0)
        p = float(page_trend(oriented))
        if p <= self.alpha:
            verdict = Verdict.REPRODUCED if self._confirmed(p, low) else Verdict.PARTLY
        elif high < self.minimum:
            verdict = Verdict.NOT_REPRODUCED
        else:
            verdict = Verdict.INCONCLUSIVE
        detail = (
            f"Mean Kendall correlation in the claimed direction {mean:.3g}, "
            f"{interval_text(low, high, self.level)}, against a minimum of {self.minimum:.3g} "
            f"(Page's p {p:.3g})"
        )
        return Outcome(verdict, detail, estimate=mean, interval=(low, high), level=self.level, p=p)
