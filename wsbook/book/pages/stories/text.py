"""Stories with their quotes filled in."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from importlib import import_module
from types import ModuleType

import pandas as pd
from jinja2 import Environment, StrictUndefined, TemplateError

from wsbook.book.pages.badge import badge
from wsbook.book.pages.stories.quotes import Quoted, look_up, printed
from wsbook.book.pages.stories.story import Story
from wsbook.errors import StudyError
from wsbook.figures.display import number, verdict
from wsbook.study.paper import Paper
from wsbook.verdicts.decision import Decision

COMPUTED = ("scheme", "chapters", "badge")  # what a page can show besides its quotes
Records = Callable[[str], pd.DataFrame]  # committed records by the name of an experiment

PAGE = """---
html_theme.sidebar_secondary.remove: true
---

# {letter}0. {question}

```{{div}} lead ws-opening
{answer}
```

{body}
"""


def opening_page(story: Story, decisions: Sequence[Decision], records: Records) -> str:
    """A story as MyST Markdown."""
    computed = (figures_of(story).scheme(), chapters_list(story), own_badge(paper_of(story), records))
    values = dict(zip(COMPUTED, computed, strict=True))
    answer, body = (filled(story, text, decisions, values) for text in (story.answer, story.body))
    return PAGE.format(letter=story.letter, question=story.question, answer=answer, body=body)


def filled(
    story: Story, text: str, decisions: Sequence[Decision], values: Mapping[str, object], link: bool = True
) -> str:
    """A template of a story with its quotes, and other values, in their places. Chips of verdicts may be links.

    Raises
        StudyError: for a placeholder that stands for nothing, or is no expression; names the story.
    """
    environment = Environment(undefined=StrictUndefined)
    environment.filters |= {
        "number": number,
        "percent": percent,
        "points": points,
        "chip": linked_chip if link else chip,
    }
    environment.globals["printed"] = partial(printed, decisions)
    try:
        quotes = quoted(story, decisions)
        return environment.from_string(text).render(**quotes, **values)
    except (TemplateError, StudyError, TypeError) as error:
        raise StudyError(f"{story.path}: {error}") from error


def quoted(story: Story, decisions: Sequence[Decision]) -> dict[str, Quoted]:
    """What a story quotes, by name."""
    return {name: look_up(quote, decisions) for name, quote in story.quotes.items()}


def percent(share: float, digits: int = 2) -> str:
    """A share in per cent: 36 %."""
    return f"{number(100 * share, digits)}\u00a0%"


def points(difference: float, digits: int = 2) -> str:
    """A difference of shares in percentage points: 2.9 points."""
    return f"{number(100 * difference, digits)}\u00a0points"


def chip(quote: Quoted) -> str:
    """The verdict as a chip."""
    return verdict(quote.verdict).html


def linked_chip(quote: Quoted) -> str:
    """The verdict as a chip that leads to its claim."""
    target = f"scorecard.html#claim-{quote.claim.lower()}"
    title = escape(f"{quote.claim}: {quote.evidence.part.says}")
    return f'<a class="ws-chip" href="{target}" title="{title}">{chip(quote)}</a>'


def chapters_list(story: Story) -> str:
    """The chapters of a paper, each with what it answers."""
    lines = (f"- {{doc}}`../executed/{name}`. {answers}" for name, answers in story.chapters.items())
    return "\n".join(["```{div} ws-chapters", *lines, "```"])


def figures_of(story: Story) -> ModuleType:
    """The scheme and the picture of a story's paper."""
    return import_module(f"wsbook.papers.{story.paper}.figures.opening")


def paper_of(story: Story) -> Paper:
    """The paper of a story, as the catalogue has it."""
    return import_module(f"wsbook.papers.{story.paper}.paper").PAPER


def own_badge(paper: Paper, records: Records) -> str:
    """How many runs stand behind the verdicts on a paper, and what they cost."""
    tables = [table for experiment in paper.experiments if len(table := records(experiment.name))]
    return badge(*tables).html
