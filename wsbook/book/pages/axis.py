"""A part on one axis: what its rule asks, what the paper prints, and what we found, as a small inline SVG.

All axes have one scale, so that parts can be compared: its unit is half the width of the band that the rule asks for or, where the
rule has a bound, the smallest effect that it is to see. The bound, or the middle of the band, lies in the middle. The
axis is stretched there: it shows the inverse hyperbolic sine of such units.
"""

from html import escape
from math import asinh, isfinite
from numbers import Real

from wsbook.book.pages.quantities import asked_of, estimate_of, quantity_of
from wsbook.verdicts.claims import Part
from wsbook.verdicts.decision import Evidence
from wsbook.verdicts.odds import effect_of
from wsbook.verdicts.rules import Difference, Every, Paired, Threshold, Trend, Value

WIDTH, HEIGHT, MIDDLE = 160, 20, 10
REACH = asinh(40)  # units on either side of the middle
TICKS = (-10, -1, 0, 1, 10)
EDGE = 3  # beyond which nothing is drawn but the arrow that says so


def axis(item: Evidence) -> str:
    """The axis of one part as an `<svg>` that says the same in words."""
    place, printed = Ruler(item.part), paper_value(item.part)
    marks = "".join(
        f'<path class="ax-asked" d="M{a} 1H{b}V19H{a}z"/>' for a, b in asked_areas(item.part, place)
    )
    marks += f'<path class="ax-line" d="M0 {MIDDLE}H{WIDTH}{"".join(f"M{place.unit(z)} 7.5v5" for z in TICKS)}"/>'
    if printed is not None:
        marks += f'<path class="ax-paper" d="M{place(printed)} 3.5l5 6.5l-5 6.5l-5 -6.5z"/>'
    return (
        f'<svg class="ws-axis" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(in_words(item))}">'
        f"{marks}{ours(item, place)}</svg>"
    )


class Ruler:
    """From values of a part's estimate to places on its axis, 0 to WIDTH."""

    def __init__(self, part: Part):
        self.middle, self.width = middle_and_unit(part)

    def __call__(self, value: float) -> float:
        return self.unit((value - self.middle) / self.width)

    def unit(self, units: float) -> float:
        """The place of so many units from the middle; what is too far away, at the edge."""
        along = max(-1.0, min(asinh(units) / REACH, 1.0)) if isfinite(units) else (units > 0) * 2 - 1
        return round(WIDTH / 2 + along * (WIDTH / 2 - EDGE), 1)


def middle_and_unit(part: Part) -> tuple[float, float]:
    """What lies in the middle of a part's axis, and the unit of the axis."""
    low, high = part.rule.asked
    if is_either(part):
        return 0.0, part.rule.margin
    if isfinite(low) and isfinite(high):
        return (low + high) / 2, (high - low) / 2
    bound = low if isfinite(low) else high
    return bound, least_effect(part, bound)


def least_effect(part: Part, bound: float) -> float:
    """The effect that a rule with a bound is to see; where it has none, as much as the bound itself."""
    rule = part.rule
    if isinstance(rule, Trend):
        return 1 - rule.minimum
    if isinstance(rule, Every):
        return (1 - rule.share) if rule.share else abs(bound) or 1.0
    effect = rule.margin if isinstance(rule, Paired) and rule.margin else effect_of(part)
    stated = abs(effect) if isinstance(effect, Real) else part.matters
    return stated or abs(bound) or 1.0


def is_either(part: Part) -> bool:
    """Whether the part asks for a difference in whichever direction."""
    return isinstance(part.rule, Difference) and part.rule.expect == "different"


def asked_areas(part: Part, place: Ruler) -> list[tuple[float, float]]:
    """The stretches of the axis where the rule is met."""
    low, high = part.rule.asked
    if is_either(part):
        return [(0, place(-low)), (place(low), WIDTH)]
    return [(place(low) if isfinite(low) else 0, place(high) if isfinite(high) else WIDTH)]


def ours(item: Evidence, place: Ruler) -> str:
    """Our estimate as a dot and its interval as a line; an arrow where they lie beyond the axis. Nothing where nothing was found."""
    if item.outcome.estimate is None:
        return ""
    at = place(item.outcome.estimate)
    low, high = map(place, item.outcome.interval or (item.outcome.estimate,) * 2)
    line = f'<path class="ax-ours" d="M{low} {MIDDLE}H{high}"/>'
    if at <= EDGE:
        return line + f'<path class="ax-dot" d="M0 {MIDDLE}l8 -5v10z"/>'
    if at >= WIDTH - EDGE:
        return line + f'<path class="ax-dot" d="M{WIDTH} {MIDDLE}l-8 -5v10z"/>'
    return line + f'<circle class="ax-dot" cx="{at}" cy="{MIDDLE}" r="3.6"/>'


def paper_value(part: Part) -> float | None:
    """What the paper prints for a part, in the unit of its estimate; None where it prints none."""
    rule = part.rule
    if isinstance(rule, Value):
        return rule.paper
    if isinstance(rule, Threshold):
        return None if rule.ours else rule.bound
    return part.effect if isinstance(rule, Paired) and isinstance(part.effect, Real) else None


def paper_text(part: Part) -> str:
    """The same in words; a dash where there is none."""
    printed = paper_value(part)
    if printed is None:
        return "–"
    quantity = quantity_of(part)
    return "+" * (quantity.signed and printed > 0) + quantity.short(printed)


def in_words(item: Evidence) -> str:
    """What the axis shows, for who cannot see it."""
    found = "not run" if item.outcome.estimate is None else f"ours {estimate_of(item.part, item.outcome)}"
    paper = "" if paper_value(item.part) is None else f", the paper {paper_text(item.part)}"
    return f"Asked {asked_of(item.part)}{paper}, {found}"
