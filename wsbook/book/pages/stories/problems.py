"""What is wrong with stories, once the records have moved on or a notebook was added."""

from collections.abc import Iterator, Sequence

from wsbook.book.dependencies import notebook_names
from wsbook.book.pages.stories.quotes import look_up
from wsbook.book.pages.stories.story import Story, load_stories
from wsbook.book.pages.stories.text import COMPUTED, filled
from wsbook.errors import StudyError
from wsbook.verdicts.decision import Decision


def story_problems(decisions: Sequence[Decision]) -> Iterator[str]:
    """Sentences that assume another verdict than the records earn, and what stands for nothing."""
    try:
        stories = load_stories()
    except StudyError as error:
        yield str(error)
        return
    for story in stories:
        yield from missing_chapters(story)
        try:
            for text in (story.answer, story.body):
                filled(story, text, decisions, dict.fromkeys(COMPUTED, ""))
        except StudyError as error:
            yield str(error)
        else:
            yield from moved(story, decisions)


def moved(story: Story, decisions: Sequence[Decision]) -> Iterator[str]:
    """One problem for each sentence to rewrite, and for each quote that nothing uses."""
    for name, quote in story.quotes.items():
        now = look_up(quote, decisions).verdict
        sentences = story.sentences(name)
        if not sentences:
            yield f"{story.path}, quote {name}: no sentence uses it."
        elif now != quote.assumes:
            part = quote.part or "its headline"
            yield from (
                f"{story.path}: rewrite '{sentence}'. It assumes that {quote.claim} ({part}) is "
                f"{quote.assumes}; by the records it is {now}."
                for sentence in sentences
            )


def missing_chapters(story: Story) -> Iterator[str]:
    """Notebooks of the paper of which the story does not say what they answer, and those that do not exist."""
    there = {name for name in notebook_names() if name.startswith(story.letter)}
    for name in sorted(there ^ set(story.chapters)):
        says = "does not say what it answers" if name in there else "names it, and it does not exist"
        yield f"{story.path}, chapter {name}: the story {says}."
