"""What the estimate of a part is, and in which unit a reader wants it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, isfinite, log10

from wsbook.verdicts.claims import Part
from wsbook.verdicts.rules import Outcome, Paired, Trend

TIGHT = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Quantity:
    """A unit, and the factor that brings an estimate to it."""

    unit: str = ""
    scale: float = 1.0
    before: str = ""  # words in front
    signed: bool = False  # a gain says that it is one

    def of(self, value: float, decimals: int) -> str:
        """A value in the unit, to so many decimals, without the unit."""
        text = f"{value * self.scale:,.{decimals}f}".replace("-", "−")
        return text.removeprefix("−") if not any(digit in text for digit in "123456789") else text

    def short(self, value: float) -> str:
        """A round value, such as a bound, in the unit and with it."""
        return f"{self.before}{value * self.scale:.4g}{TIGHT + self.unit if self.unit else ''}".replace(
            "-", "−"
        )

    def decimals(self, *values: float) -> int:
        """How many decimals two digits of the spread of these values need; of one value, three digits of itself."""
        finite = [value * self.scale for value in values if isfinite(value)]
        spread = max(finite) - min(finite)
        if spread:
            return max(1 - floor(log10(spread)), 0)
        return max(2 - floor(log10(abs(finite[0]))), 0) if finite[0] else 0

    def phrase(self, value: float, *interval: float) -> str:
        """The value with its unit and, in brackets, its interval, to as many decimals as these deserve."""
        decimals = min(self.decimals(value, *interval), MOST)
        number = self.of(value, decimals)
        plus = "+" if self.signed and value > 0 and number.strip("0.") else ""
        said = f"{self.before}{plus}{number}{TIGHT + self.unit if self.unit else ''}"
        if not any(map(isfinite, interval)):
            return said
        ends = f",{TIGHT}".join(
            self.of(end, decimals) if isfinite(end) else infinite(end) for end in interval
        )
        return f"{said} [{ends}]"


def infinite(value: float) -> str:
    """An end that n is too small to bound."""
    return "−∞" if value < 0 else "∞"


MOST = 5  # decimals
PLAIN, PER_CENT = Quantity(), Quantity("%", 100.0)
POINTS = Quantity("points", 100.0, signed=True)
CORRELATION = Quantity(before="rank correlation ")

# What is no accuracy, by the names of metrics and samples: relative errors, losses, cosines and the like have no unit.
UNITLESS = re.compile(
    r"(?<!with-)error|rmse|s_ratio|s-ratio|singular(?!-values)|overlap|slope|correlation|spread|distance|law|recovery"
    r"|(^|[ _])loss( |$)|(layer-|layer_)ratio|growth-\d|train_mean|barrier|certainty|rate-differences|rates-tolerated"
    r"|size-against|band"
)
SHARES = re.compile(r"survival|share-saved|relative-fall")


def names_in(part: Part) -> Iterable[str]:
    """The metrics or derived samples that a part rests on."""
    selected = part.selection
    return selected.get("metrics") or [selected.get("metric") or selected["derived"]]


def quantity_of(part: Part) -> Quantity:
    """What the estimate of a part is: a rank correlation, a number without a unit, or of accuracies, a difference in
    percentage points or a level in per cent."""
    if isinstance(part.rule, Trend):
        return CORRELATION
    name = " ".join(names_in(part))
    if SHARES.search(name):
        return PER_CENT
    if UNITLESS.search(name):
        return PLAIN
    return POINTS if is_difference(part, name) else PER_CENT


LEVELS = re.compile(r"accuracy$|best-of-few-bits")


def is_difference(part: Part, name: str) -> bool:
    """Whether the estimate is a difference of two accuracies: that of a paired rule, or of samples which are differences."""
    return isinstance(part.rule, Paired) or not LEVELS.search(name)


def estimate_of(part: Part, outcome: Outcome) -> str:
    """An outcome's estimate and interval in the part's own unit; a dash where it has none."""
    if outcome.estimate is None:
        return "–"
    return quantity_of(part).phrase(outcome.estimate, *(outcome.interval or ()))
