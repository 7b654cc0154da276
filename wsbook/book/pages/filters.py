"""Filters of a page that work without scripts: radio buttons, and style rules that hide what does not match."""

from collections.abc import Iterable, Mapping
from html import escape

from wsbook.verdicts.decision import Decision

ALL = "all"


def kinds(decisions: Iterable[Decision]) -> dict[str, list[str]]:
    """What claims are told apart by, and the values there are."""
    facts = [facts_of(decision) for decision in decisions]
    return {
        name: list(dict.fromkeys(fact[name] for fact in facts)) for name in ("paper", "verdict", "topic")
    }


def facts_of(decision: Decision) -> dict[str, str]:
    """What a claim is filtered by."""
    claim = decision.claim
    return {"paper": claim.id[0], "verdict": str(decision.verdict), "topic": claim.topic}


def attributes(decision: Decision) -> str:
    """The facts of a claim as attributes of its element."""
    return " ".join(f'data-{name}="{escape(value)}"' for name, value in facts_of(decision).items())


def filters(scope: str, choices: Mapping[str, Iterable[str]]) -> str:
    """Radio buttons for the elements within `.SCOPE`, and the rules by which they hide."""
    groups = "\n".join(group(scope, name, values) for name, values in choices.items())
    rules = "\n".join(
        f".{scope}:has(#{button(scope, name, value)}:checked) [data-{name}]:not([data-{name}={value!r}]) {{ display: none; }}"
        for name, values in choices.items()
        for value in values
    )
    return f'<div class="ws-filters">\n{groups}\n</div>\n<style>\n{rules}\n</style>'


def group(scope: str, name: str, values: Iterable[str]) -> str:
    """One line of radio buttons: all, and each value."""
    buttons = "".join(
        f'<label><input type="radio" name="{scope}-{name}" id="{button(scope, name, value)}"{" checked" * (value == ALL)}/>'
        f"<span>{escape(value)}</span></label>"
        for value in (ALL, *values)
    )
    return f"<fieldset><legend>{escape(name)}</legend>{buttons}</fieldset>"


def button(scope: str, name: str, value: str) -> str:
    """The id of a radio button."""
    return f"{scope}-{name}-{value.replace(' ', '-').lower()}"
