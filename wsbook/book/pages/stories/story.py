"""The story of a paper as it is written, in book/stories: what it quotes, and its text.

A file opens with YAML between two lines of three dashes. It names the folder of the paper, asks the question of the page, answers it,
lists what is quoted, and says of each notebook of the paper what it answers. Below stands the page, in Markdown. Answer and page are
Jinja templates (`wsbook.book.pages.stories.text`): no number that was measured is typed into them.

A quote names a claim and one of its parts, word for word as its claim file has it, or no part for the claim's headline. It also
says which verdict the sentences assume that quote it. Where the records come to another one, those sentences have to be written anew.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment
from jinja2.nodes import Name

from wsbook.book.dependencies import STORIES, story_names
from wsbook.errors import StudyError
from wsbook.verdicts.rules import Verdict

NEEDED = ("paper", "question", "answer", "quotes", "chapters")
BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )")  # paragraphs, and items of lists
EXPRESSION = re.compile(r"\{\{.*?\}\}", flags=re.DOTALL)


@dataclass(frozen=True)
class Quote:
    """A part of a claim, and the verdict that sentences about it assume."""

    claim: str
    assumes: str  # of `Verdict`
    part: str = ""  # what it says; empty: the headline, with the verdict of the claim


@dataclass(frozen=True)
class Story:
    """The opening page of a paper, and what its card on the front page says."""

    path: Path
    paper: str  # its folder in wsbook.papers
    question: str  # title of page and card
    answer: str  # a sentence or two; a template
    quotes: Mapping[str, Quote]  # by the names that the templates use
    chapters: Mapping[str, str]  # what each notebook answers
    body: str  # a template

    @property
    def name(self) -> str:
        """Of the page that is made from it."""
        return self.path.stem

    @property
    def letter(self) -> str:
        """Of its paper."""
        return self.name[0]

    def sentences(self, quote: str) -> list[str]:
        """The paragraphs, or items of a list, that quote something."""
        blocks = (self.answer, *BLOCK.split(self.body))
        return [" ".join(block.split()) for block in blocks if quote in names(block)]


def names(template: str) -> set[str]:
    """What a template, or a part of one, stands for: the names in its expressions."""
    expressions = "".join(EXPRESSION.findall(template))
    return {node.name for node in Environment().parse(expressions).find_all(Name)}


def load_stories(directory: Path = STORIES) -> list[Story]:
    """All stories, in the order of their papers.

    Raises
        StudyError: for a file whose head is no YAML, or lacks or does not know a field; names it.
    """
    return [load_story(directory / f"{name}.md") for name in story_names(directory)]


def load_story(path: Path) -> Story:
    """One story from its file; raises a StudyError as `load_stories` does."""
    before, *parts = re.split(r"^---$", path.read_text(), maxsplit=2, flags=re.MULTILINE)
    if before.strip() or len(parts) != 2:
        raise StudyError(f"{path} must begin with YAML between two lines of three dashes.")
    head = read_head(parts[0], path)
    quotes = {name: parse_quote(name, row, path) for name, row in head["quotes"].items()}
    return Story(**{**head, "quotes": quotes}, path=path, body=parts[1].strip())


def read_head(text: str, path: Path) -> Mapping[str, Any]:
    """The fields above the page."""
    try:
        head = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StudyError(f"{path}: its head is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(head, Mapping) or set(head) != set(NEEDED):
        raise StudyError(f"{path}: its head must have {', '.join(NEEDED)}, and nothing else.")
    for name in ("quotes", "chapters"):
        if not isinstance(head[name], Mapping):
            raise StudyError(f"{path}: {name} must be a mapping, not {head[name]!r}.")
    return head


def parse_quote(name: str, row: Any, path: Path) -> Quote:
    """One quote from its YAML mapping."""
    known = [field.name for field in fields(Quote)]
    if not isinstance(row, Mapping) or not {"claim", "assumes"} <= set(row) <= set(known):
        raise StudyError(
            f"{path}, quote {name}: it takes {', '.join(known)}, of which part may be left out."
        )
    if row["assumes"] not in list(Verdict):
        raise StudyError(f"{path}, quote {name}: no verdict is called {row['assumes']!r}.")
    return Quote(**row)
