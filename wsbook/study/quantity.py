"""What a measured number is: its name, its unit, and how it is printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from math import floor, isfinite, log10

TIGHT = "\N{NO-BREAK SPACE}"
TWO_DIGITS = 3.55  # a half-width is rounded to two digits if its first ones are below, else to one (Particle Data Group)
MOST = 3  # decimals beyond these, at most, that tell an end from a bound


@dataclass(frozen=True)
class Quantity:
    """A kind of number. Values are kept as they are measured, and printed times `scale`, with a unit."""

    name: str
    unit: str = ""
    scale: float = 1.0
    step: str = ""  # unit of a difference, where it is another one
    signed: bool = False  # a difference: it shows its sign
    symbol: str = ""  # that is set equal to the number

    @property
    def change(self) -> "Quantity":
        """The difference of two values."""
        return replace(self, name=f"difference of {self.name}", unit=self.step or self.unit, signed=True)

    def phrase(self, value: float, interval: Iterable[float] = (), bounds: Iterable[float] = ()) -> str:
        """A value with its unit and its interval, if it is known, to as many digits as the interval deserves.

        Neither part of it breaks. No end is rounded onto one of `bounds`, with which the interval is compared, nor one of
        a difference onto zero. An interval of width zero is left out.
        """
        ends = [end * self.scale for end in interval]
        finite = [end for end in ends if isfinite(end)]
        if not finite or min(finite) == max(finite):
            return self._worded(value * self.scale, digits(value * self.scale))
        edges = [bound * self.scale for bound in bounds] + [0.0] * self.signed
        decimals = apart(finite, edges, half_digits(finite))
        low_to_high = f",{TIGHT}".join(fixed(end, decimals) for end in ends)
        return f"{self._worded(value * self.scale, decimals)} [{low_to_high}]"

    def short(self, value: float) -> str:
        """A round value, such as a bound, in as few digits as it has; zero has no unit."""
        number = self.number(value)
        return number if number == "0" else f"{number}{self._unit(number)}"

    def number(self, value: float) -> str:
        """The same without its unit."""
        return plain(value * self.scale)

    def _worded(self, scaled: float, decimals: int) -> str:
        number = fixed(scaled, decimals)
        plus = "+" if self.signed and scaled > 0 and number.strip("0.") else ""
        equals = f"{self.symbol}{TIGHT}={TIGHT}" if self.symbol else ""
        return f"{equals}{plus}{number}{self._unit(number)}"

    def _unit(self, number: str) -> str:
        one = (
            self.unit.removesuffix("s")
            if number.lstrip("−") == "1" and self.unit == "points"
            else self.unit
        )
        return TIGHT + one if one else ""


def half_digits(ends: list[float]) -> int:
    """The decimals that an interval deserves, by the rule of the Particle Data Group: one or two digits of half its width."""
    half = (max(ends) - min(ends)) / 2
    exponent = floor(log10(half))
    return max((half / 10**exponent < TWO_DIGITS) - exponent, 0)


def digits(value: float) -> int:
    """The decimals of a value by itself: three digits, and none of zero or of a whole number."""
    return 0 if value == round(value) else max(2 - floor(log10(abs(value))), 0)


def apart(ends: list[float], bounds: list[float], decimals: int) -> int:
    """So many decimals, or a few more where an end would be rounded onto a bound that it is not."""
    for more in range(decimals, decimals + MOST):
        if all(end == bound or round(end, more) != round(bound, more) for end in ends for bound in bounds):
            return more
    return decimals


def fixed(value: float, decimals: int) -> str:
    """A number with a true minus and so many decimals; zero has no sign."""
    if not isfinite(value):
        return "−∞" if value < 0 else "∞"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text.replace("-", "−")


def plain(value: float) -> str:
    """A round number in as few digits as it has, up to five: 0.22, 91.34, 3 × 10⁻⁵."""
    mantissa, _, exponent = f"{value:.5g}".partition("e")
    power = f"{TIGHT}×{TIGHT}10{str(int(exponent)).translate(RAISED)}" if exponent else ""
    return mantissa.replace("-", "−") + power


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def look_up(name: str, known: Mapping[str, Quantity]) -> Quantity:
    """The quantity of a metric or of derived samples: that of the first pattern (as of file names) that fits; a number
    without a unit, called as it is, where none does."""
    found = (quantity for pattern, quantity in known.items() if fnmatchcase(name, pattern))
    return next(found, Quantity(name.replace("_", " ")))


def share(name: str) -> Quantity:
    """A share, in per cent; its differences are percentage points."""
    return Quantity(name, "%", 100.0, step="points")


def gain(name: str) -> Quantity:
    """What is a difference of shares as it was measured, in percentage points."""
    return Quantity(name, "points", 100.0, signed=True)


ACCURACY, GAIN = share("test accuracy"), gain("gain in test accuracy")
