"""Numbers as the sentences about rules print them."""

from wsbook.verdicts.statistics import Array


def percent(share: float) -> str:
    """.95 as "95 %"."""
    return f"{100 * share:.3g} %"


def interval_text(low: float, high: float, level: float) -> str:
    """An interval with its level."""
    return f"{percent(level)} interval [{low:.3g}, {high:.3g}]"


def listed(values: Array) -> str:
    """Several numbers, between commas."""
    return ", ".join(f"{value:.3g}" for value in values)
