"""The rule on a trend along several settings."""

from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np

from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.intervals import INTERVALS, mean_interval
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text, percent
from wsbook.verdicts.statistics import Array, kendall, page_trend


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

    def sentence(self) -> str:
        return (
            f"Reproduced if the metric is {self.expect} along the settings (Page's L test, "
            f"{percent(self.alpha)}) and the {percent(self.level)} interval of the mean Kendall "
            f"correlation within a seed ({INTERVALS[self.method]}) lies above {self.minimum:.3g}, "
            f"partly if only the trend is confirmed, not reproduced if the opposite trend is, or "
            f"if neither is and the interval lies below {self.minimum:.3g}, inconclusive otherwise"
        )

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        oriented = rows if self.expect == "increasing" else -rows
        tau = kendall(oriented)
        mean = float(tau.mean())
        low, high = mean_interval(tau, self.level, self.method, generator)
        low, high = max(low, -1.0), min(high, 1.0)
        p, opposite = float(page_trend(oriented)), float(page_trend(-oriented))
        if p <= self.alpha:
            verdict = Verdict.REPRODUCED if low > self.minimum else Verdict.PARTLY
        elif opposite <= self.alpha or high < self.minimum:
            verdict = Verdict.NOT_REPRODUCED
        else:
            verdict = Verdict.INCONCLUSIVE
        detail = (
            f"Mean Kendall correlation in the claimed direction {mean:.3g}, "
            f"{interval_text(low, high, self.level)}, against a minimum of {self.minimum:.3g} "
            f"(Page's p {p:.3g})"
        )
        return Outcome(verdict, detail, estimate=mean, interval=(low, high), level=self.level, p=p)
