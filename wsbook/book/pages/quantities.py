"""What the estimates of parts are, and their numbers as a reader wants them."""

from dataclasses import replace
from math import isfinite

from wsbook.catalogue import QUANTITIES
from wsbook.figures.labels import field_label
from wsbook.study.quantity import TIGHT, Quantity, look_up, share
from wsbook.verdicts.claims import Part
from wsbook.verdicts.decision import Evidence
from wsbook.verdicts.rules import Difference, Every, Outcome, Paired, Trend

TAU = Quantity("Kendall's τ", symbol="τ")


def metric_of(part: Part) -> Quantity:
    """What its samples are: those of its metric, of the first of several, or derived ones."""
    selected = part.selection
    name = selected.get("metric") or selected.get("derived") or selected["metrics"][0]
    return look_up(name, QUANTITIES.get(part.experiment[0], {}))


def quantity_of(part: Part) -> Quantity:
    """What the estimate of a part's rule is: a rank correlation, a share of its samples, a difference or a level."""
    metric, rule = metric_of(part), part.rule
    if isinstance(rule, Trend):
        over = f" over {field_label(part.selection['over'])}" if "over" in part.selection else ""
        return replace(TAU, name=f"{TAU.name} of {metric.name}{over}")
    if isinstance(rule, Every) and rule.share is not None:
        return share(f"share of {part.replicates}")
    return metric.change if isinstance(rule, Paired) else metric


def estimate_of(part: Part, outcome: Outcome) -> str:
    """An outcome's estimate, with its interval, in the part's own unit; a dash where it has none."""
    if outcome.estimate is None:
        return "–"
    bounds = [end for end in part.rule.asked if isfinite(end)]
    return quantity_of(part).phrase(outcome.estimate, outcome.interval or (), bounds)


def asked_of(part: Part) -> str:
    """What the rule asks, in the part's unit: above 2 points, 91.34 ± 0.5 %, τ above 0.5."""
    (low, high), quantity = part.rule.asked, quantity_of(part)
    if isinstance(part.rule, Difference) and part.rule.expect == "different":
        return f"beyond ±{TIGHT}{quantity.short(low)}"
    if isfinite(low) and isfinite(high):
        middle, half = (low + high) / 2, (high - low) / 2
        around = f"{quantity.number(middle)}{TIGHT}" if middle else "within "
        return f"{around}±{TIGHT}{quantity.short(half)}"
    symbol = f"{quantity.symbol}{TIGHT}" if quantity.symbol else ""
    return symbol + (f"above {quantity.short(low)}" if isfinite(low) else f"below {quantity.short(high)}")


def over(item: Evidence) -> str:
    """How many of what an estimate is over; and that all agree, where they do to the last digit."""
    outcome = item.outcome
    alike = outcome.interval is not None and outcome.interval[0] == outcome.interval[1]
    return f"({'all ' * alike}{outcome.n}{TIGHT}{item.part.replicates})"
