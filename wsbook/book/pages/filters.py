"""Filters of a page that work without scripts: radio buttons, and style rules that hide what does not match."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from wsbook.catalogue import PAPERS
from wsbook.verdicts.claims import TOPICS
from wsbook.verdicts.decision import Decision
from wsbook.verdicts.rules import Verdict

ALL = "all"

Choices = Mapping[str, Mapping[str, str]]  # by what claims are told apart; its values, each with its words


def choices(decisions: Sequence[Decision]) -> Choices:
    """What the claims can be told apart by, and the values that they have, each with how many have it."""
    words = {
        "paper": {paper.letter: f"{paper.letter}. {paper.short}" for paper in PAPERS},
        "verdict": {slug(word): str(word) for word in Verdict},
        "topic": {topic: topic for topic in TOPICS},
    }
    facts = [facts_of(decision) for decision in decisions]
    counts = {name: Counter(fact[name] for fact in facts) for name in words}
    return {
        name: {
            value: f"{said} {counts[name][value]}" for value, said in known.items() if counts[name][value]
        }
        for name, known in words.items()
    }


def facts_of(decision: Decision) -> dict[str, str]:
    """What a claim is filtered by."""
    claim = decision.claim
    return {"paper": claim.id[0], "verdict": slug(decision.verdict), "topic": claim.topic}


def attributes(decisions: Iterable[Decision]) -> str:
    """The facts of claims as attributes of the element that shows them."""
    facts = [facts_of(decision) for decision in decisions]
    values = {name: " ".join(dict.fromkeys(fact[name] for fact in facts)) for name in facts[0]}
    return " ".join(f'data-{name}="{value}"' for name, value in values.items())


def filters(scope: str, offered: Choices) -> str:
    """Radio buttons for the elements within `.SCOPE`, and the rules by which they hide."""
    groups = "\n".join(group(scope, name, words) for name, words in offered.items())
    rules = "\n".join(
        f'.{scope}:has(#{scope}-{name}-{value}:checked) [data-{name}]:not([data-{name}~="{value}"]) {{ display: none; }}'
        for name, words in offered.items()
        for value in words
    )
    return f'<div class="ws-filters">\n{groups}\n</div>\n<style>\n{rules}\n</style>'


def count(total: int) -> str:
    """How many of so many claims are shown: a line that counts them by style, after them in the page and above them to the eye."""
    return f'<p class="ws-count"><span></span> of {total} claims</p>'


def group(scope: str, name: str, words: Mapping[str, str]) -> str:
    """One line of radio buttons: all, and each value."""
    buttons = "".join(
        f'<label><input type="radio" name="{scope}-{name}" id="{scope}-{name}-{value}"{" checked" * (value == ALL)}/>'
        f"<span>{escape(said)}</span></label>"
        for value, said in {ALL: ALL, **words}.items()
    )
    return f"<fieldset><legend>{escape(name)}</legend>{buttons}</fieldset>"


def slug(words: str) -> str:
    """Words as one word of an attribute, an id or a class."""
    return words.replace(" ", "-").lower()
