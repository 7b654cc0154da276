"""Rules by which every sample is beyond a bound, and not a mean: of counted things, and of estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from wsbook.verdicts.rules.values import Bound
from wsbook.verdicts.rules.verdict import Outcome, Verdict
from wsbook.verdicts.rules.wording import interval_text, percent
from wsbook.verdicts.statistics import Array


@dataclass(frozen=True, kw_only=True)
class Every(Bound):
    """Every sample, or more than a share of them, is below, or above, a bound. The samples are all there are, not a
    draw: sizes of files, say. So nothing has an interval: the worst sample speaks, or the share itself."""

    share: float | None = None  # of the samples, which must be exceeded; by default it must be all

    kind: ClassVar[str] = "every"

    def __post_init__(self):
        super().__post_init__()
        if self.share is not None:
            self._share("share")

    @property
    def wanted(self) -> str:
        return super().wanted if self.share is None else f"above {self.share:.3g}"

    @property
    def asked(self) -> tuple[float, float]:
        return super().asked if self.share is None else (self.share, inf)

    def sentence(self) -> str:
        if self.share is None:
            said = f"every sample lies {super().wanted}, not reproduced if one does not"
        else:
            share = percent(self.share)
            said = f"more than {share} of the samples lie {super().wanted}, not reproduced if fewer do"
        return f"Reproduced if {said}, inconclusive otherwise"

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        within = self._beyond(rows)
        if self.share is None:
            estimate, held = self._worst(rows), within.all()
            detail = f"The worst is {estimate:.3g}, {'' if held else 'not '}{self.wanted}"
        else:
            estimate, held = float(within.mean()), within.mean() > self.share
            detail = f"{estimate:.3g} of all lie {super().wanted}"
        verdict = Verdict.REPRODUCED if held else Verdict.NOT_REPRODUCED
        return Outcome(verdict, detail, estimate=estimate)

    @property
    def usual_effect(self) -> float | None:
        """Anything beyond the bound: there is no scatter that could hide it."""
        return 1.0

    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        return self._held(self._beyond(batch[..., 0]))

    def null_samples(self, rows: Array, draws: int, generator: np.random.Generator) -> Array:
        """All samples reach the bound and none is beyond it: they are all there are, so that chance has no part."""
        return np.full((draws, *rows.shape), self._null_means(rows))

    def effect_samples(
        self, rows: Array, effect: float | Sequence[float], draws: int, generator: np.random.Generator
    ) -> Array:
        """All samples are beyond the bound by the effect; chance has no part here either."""
        return np.full((draws, *rows.shape), self._effect_means(rows, effect))

    def _held(self, beyond: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether so many of samples (..., n) are beyond the bound as must be."""
        return beyond.all(axis=-1) if self.share is None else beyond.mean(axis=-1) > self.share

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        x = rows[:, 0]
        within = self._beyond(x)
        held = bool(self._held(within))
        if self.share is None:
            estimate = float(x.min() if self.below is None else x.max())
            detail = f"The worst is {estimate:.3g}, {'' if held else 'not '}{self.wanted}"
        else:
            estimate = float(within.mean())
            detail = f"{estimate:.3g} of all lie {super().wanted}"
        verdict = Verdict.REPRODUCED if held else Verdict.NOT_REPRODUCED
        return Outcome(verdict, detail, estimate=estimate)


@dataclass(frozen=True, kw_only=True)
class Each(Bound):
    """Each of several estimates, whose standard errors are known, is below, or above, a bound: gains of networks over
    one another on so many test images, say. Samples are (n, 2): estimates, and their standard errors.

    Not reproduced needs an estimate whose interval lies wholly on the other side: one that is merely not shown leaves
    the claim open. Errors of the estimates are taken to be independent.
    """

    level: float = 0.95  # of each estimate's interval

    kind: ClassVar[str] = "each"
    columns: ClassVar[tuple[int, float]] = (2, 2)

    def __post_init__(self):
        super().__post_init__()
        self._share("level")

    def sentence(self) -> str:
        return (
            f"Reproduced if the {percent(self.level)} intervals of all estimates (normal, by their standard errors) "
            f"lie wholly {self.wanted}, not reproduced if one lies wholly on the other side, inconclusive otherwise"
        )

    def confirms(self, batch: Array) -> NDArray[np.bool_]:
        return self._beyond(self._nearest(batch)).all(axis=-1)

    def null_samples(self, rows: Array, draws: int, generator: np.random.Generator) -> Array:
        """The truth behind every estimate is the bound; estimates err by their standard errors."""
        return self._around(self.bound, rows, draws, generator)

    def effect_samples(
        self, rows: Array, effect: float | Sequence[float], draws: int, generator: np.random.Generator
    ) -> Array:
        """The truth behind every estimate is beyond the bound by the effect."""
        return self._around(self._shifted(effect), rows, draws, generator)

    def _around(self, truth: float, rows: Array, draws: int, generator: np.random.Generator) -> Array:
        errors = np.broadcast_to(rows[:, 1], (draws, len(rows)))
        return np.stack([generator.normal(truth, errors), errors], axis=-1)

    def _nearest(self, rows: Array, side: int = 1) -> Array:
        """The ends (..., n) of the intervals on the side of the bound, or on the far one (side = -1)."""
        reach = side * ndtri((1 + self.level) / 2) * rows[..., 1]
        return rows[..., 0] - reach if self.below is None else rows[..., 0] + reach

    def _judge(self, rows: Array, generator: np.random.Generator) -> Outcome:
        near, far = self._nearest(rows), self._nearest(rows, -1)
        verdict = Verdict.INCONCLUSIVE
        if self._beyond(near).all():
            verdict = Verdict.REPRODUCED
        elif not self._beyond(far).all():
            verdict = Verdict.NOT_REPRODUCED
        worst = int((near if self.below is None else -near).argmin())
        low, high = sorted((float(near[worst]), float(far[worst])))
        estimate = float(rows[worst, 0])
        detail = (
            f"{int(self._beyond(near).sum())} of {len(rows)} are wholly {self.wanted}, the worst {estimate:.3g} with "
            f"{interval_text(low, high, self.level)}"
        )
        return Outcome(verdict, detail, estimate=estimate, interval=(low, high), level=self.level)
