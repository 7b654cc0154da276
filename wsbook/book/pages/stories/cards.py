"""The cards of the front page: each paper's question, a picture from its records, and the answer."""

from collections.abc import Sequence

from wsbook.book.pages.findings import tally
from wsbook.book.pages.stories.story import Story
from wsbook.book.pages.stories.text import Records, figures_of, filled, paper_of, quoted
from wsbook.figures.display import drawn
from wsbook.verdicts.decision import Decision

ACROSS = "X"  # the part of the book that is no paper: its card is as wide as those of all papers

CARD = """::::{{grid-item-card}} {question}
:link: generated/{name}
:link-type: doc
:class-card: ws-paper ws-paper-{letter}
:columns: {columns}

{picture}

{answer}

:::{{card-footer}}
*{title}*

{tally}
:::
::::"""


def cards_page(stories: Sequence[Story], decisions: Sequence[Decision], records: Records) -> str:
    """All cards as MyST Markdown, to be included by a page of the folder book."""
    cards = "\n\n".join(card(story, decisions, records) for story in stories)
    return f":::::{{grid}} 1 1 3 3\n:gutter: 3\n:class-container: ws-papers\n\n{cards}\n:::::\n"


def card(story: Story, decisions: Sequence[Decision], records: Records) -> str:
    """One card: it leads to the paper's opening page."""
    own = [decision for decision in decisions if decision.claim.id.startswith(story.letter)]
    evidence = {name: quote.evidence for name, quote in quoted(story, decisions).items()}
    figure, alt = figures_of(story).picture(evidence, records)
    return CARD.format(
        question=story.question,
        title=paper_of(story).title,
        name=story.name,
        letter=story.letter.lower(),
        columns="12" if story.letter == ACROSS else "12 12 4 4",
        picture=f'<div class="ws-picture">{drawn(figure, alt)}</div>',
        answer=filled(story, story.answer, decisions, {}, link=False),
        tally=f"{len(own)} claim{'s' * (len(own) != 1)}: {tally(own)}",
    )
