"""A part on one axis: what its rule asks, what the paper prints, and what we found, as a small inline SVG."""

from html import escape
from math import isfinite

from wsbook.verdicts.decision import Evidence
from wsbook.verdicts.quantity import estimate_of, quantity_of
from wsbook.verdicts.rules import Paired, Value

WIDTH, HEIGHT, MARGIN = 150, 18, 0.12  # of the picture, and of the axis beyond its outermost mark


def paper_value(item: Evidence) -> float | None:
    """What the paper prints for a part, in the unit of its estimate; None where it prints none."""
    rule, effect = item.part.rule, item.part.effect
    if isinstance(rule, Value):
        return rule.paper
    return effect if isinstance(rule, Paired) and isinstance(effect, float) else None


def asked_text(item: Evidence) -> str:
    """What the rule asks, in the part's unit: above +0.2 points, 91.3 ± 0.5 %."""
    low, high = item.part.rule.asked
    quantity = quantity_of(item.part)
    if isfinite(low) and isfinite(high):
        return f"{quantity.short(low)} to {quantity.short(high)}"
    return f"above {quantity.short(low)}" if isfinite(low) else f"below {quantity.short(high)}"


def axis(item: Evidence) -> str:
    """The axis of one part as an `<svg>` that says the same in words; empty where nothing was found."""
    outcome = item.outcome
    if outcome.estimate is None:
        return ""
    interval = [end for end in outcome.interval or () if isfinite(end)]
    printed = paper_value(item)
    marks = [outcome.estimate, *interval, *filter(isfinite, item.part.rule.asked)]
    marks += [] if printed is None else [printed]
    place = scale(min(marks), max(marks))
    drawn = asked_area(item.part.rule.asked, place) + f'<path class="ax-line" d="M0 9H{WIDTH}"/>'
    if interval:
        drawn += f'<path class="ax-ours" d="M{place(min(interval))} 9H{place(max(interval))}"/>'
    if printed is not None:
        drawn += f'<path class="ax-paper" d="M{place(printed)} 3l4.5 6l-4.5 6l-4.5 -6z"/>'
    drawn += f'<circle class="ax-ours" cx="{place(outcome.estimate)}" cy="9" r="3.5"/>'
    return (
        f'<svg class="ws-axis" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(in_words(item, printed))}">'
        f"{drawn}</svg>"
    )


def scale(low: float, high: float):
    """A function from values to places, which keeps a margin on either side."""
    span = (high - low) or abs(high) or 1.0
    start, whole = low - MARGIN * span, (1 + 2 * MARGIN) * span
    return lambda value: round(WIDTH * (value - start) / whole, 1)


def asked_area(asked: tuple[float, float], place) -> str:
    """The part of the axis where the rule is met."""
    low, high = (place(end) if isfinite(end) else edge for end, edge in zip(asked, (0, WIDTH)))
    return f'<rect class="ax-asked" x="{low}" y="1" width="{round(high - low, 1)}" height="16"/>'


def in_words(item: Evidence, printed: float | None) -> str:
    """What the axis shows, for who cannot see it."""
    paper = "" if printed is None else f", the paper {quantity_of(item.part).short(printed)}"
    return f"Ours {estimate_of(item.part, item.outcome)}{paper}, asked {asked_text(item)}"
