"""Rules by the names that claim files use."""

from dataclasses import MISSING, fields

from wsbook.errors import StudyError
from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.bounds import Each, Every
from wsbook.verdicts.rules.difference import Difference
from wsbook.verdicts.rules.paired import Best, Order
from wsbook.verdicts.rules.trend import Trend
from wsbook.verdicts.rules.values import Threshold, Value

RULES: dict[str, type[Rule]] = {
    rule.kind: rule for rule in (Value, Threshold, Every, Each, Order, Trend, Best, Difference)
}


def make_rule(kind: str, **settings: object) -> Rule:
    """The rule of that kind, e.g. make_rule("value", paper=0.22, band=0.03).

    Raises StudyError for an unknown kind, an unknown or missing field, or a senseless value.
    """
    if kind not in RULES:
        raise StudyError(f"Unknown rule {kind!r}; choose one of {', '.join(RULES)}.")
    known = {field.name: field.default is MISSING for field in fields(RULES[kind])}
    for name in settings:
        if name not in known:
            raise StudyError(f"Rule '{kind}' has no field {name!r}; its fields are {', '.join(known)}.")
    for name, required in known.items():
        if required and name not in settings:
            raise StudyError(f"Rule '{kind}' lacks {name!r}; add it in the claim file.")
    return RULES[kind](**settings)
