"""Opening pages of papers and the cards that lead to them: prose that quotes computed values."""

from wsbook.book.pages.stories.cards import cards_page
from wsbook.book.pages.stories.problems import story_problems
from wsbook.book.pages.stories.story import Story, load_stories
from wsbook.book.pages.stories.text import Records, opening_page

__all__ = ["Records", "Story", "cards_page", "load_stories", "opening_page", "story_problems"]
