"""Opening pages and cards: they print what the records say, and a verdict that moves names the sentence to rewrite."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from wsbook.book.dependencies import STORIES, page_sources, story_names
from wsbook.book.pages import committed
from wsbook.book.pages.stories import cards_page, load_stories, opening_page, story_problems
from wsbook.book.pages.stories.problems import moved
from wsbook.book.pages.stories.story import Quote, load_story
from wsbook.book.pages.stories.text import filled, percent, points
from wsbook.catalogue import DERIVED, EXPERIMENTS, PAPERS
from wsbook.errors import StudyError
from wsbook.study.places import RESULTS, ROOT
from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.decision import decide
from wsbook.verdicts.rules import Verdict
from wsbook.verdicts.scorecard import decide_all, tables_in

HEAD = """---
paper: primitives
question: Is it so?
answer: "It is. {{ best | chip }}"
quotes:
  best: {claim: A-headline, assumes: not reproduced}
chapters: {A1_dictionary: What is asked}
---
The error is {{ best.estimate | percent }}.
"""


@pytest.fixture(scope="module")
def decisions():
    return decide_all(EXPERIMENTS, DERIVED)


@pytest.fixture(scope="module")
def stories():
    return {story.letter: story for story in load_stories()}


def records(name):
    return committed(EXPERIMENTS[name])


def with_errors_times(factor):
    """The headline of paper A as it would be decided if all its errors were so many times as large."""
    tables = tables_in(EXPERIMENTS, RESULTS)

    def changed(name, profile):
        table = tables(name, profile)
        return table.assign(test_error=factor * table["test_error"]) if len(table) else table

    claim = next(claim for claim in load_claims() if claim.id == "A-headline")
    return decide(claim, changed, DERIVED)


def with_headline(decisions, other):
    return [other if decision.claim.id == other.claim.id else decision for decision in decisions]


def made(tmp_path: Path, text: str = HEAD, **changes: str):
    path = tmp_path / "A0_test.md"
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return load_story(path)


def test_every_paper_has_a_story_and_each_assumes_the_verdicts_that_records_earn(stories, decisions):
    assert list(stories) == [paper.letter for paper in PAPERS]
    assert list(story_problems(decisions)) == []


def test_a_changed_record_changes_the_page_and_the_card(stories, decisions):
    story, changed = stories["A"], with_headline(decisions, with_errors_times(0.5))
    before, after = (opening_page(story, found, records) for found in (decisions, changed))
    cards = [cards_page([story], found, records) for found in (decisions, changed)]
    error = next(d for d in decisions if d.claim.id == "A-headline").evidence[0].outcome.estimate
    for old, new in ((before, after), cards):
        assert f"an error of {percent(error)} on weights" in old
        assert f"an error of {percent(error / 2)} on weights" in new


def test_a_verdict_that_moves_names_every_sentence_to_rewrite(stories, decisions):
    story, changed = stories["A"], with_headline(decisions, with_errors_times(0.3))
    found = list(moved(story, changed))
    assert len(found) == len(story.sentences("best")) >= 3
    assert all("A0_primitives.md: rewrite '" in problem for problem in found)
    assert all("is not reproduced; by the records it is reproduced." in problem for problem in found)
    assert any("Not as promised." in problem for problem in found)
    assert any("**The promise is out of reach.**" in problem for problem in found)
    assert not any("Most findings hang" in problem for problem in found)


def test_every_number_that_a_page_prints_comes_with_the_verdict_it_is_about(stories, decisions):
    for story in stories.values():
        page = opening_page(story, decisions, records)
        learned = page.split("## What we learned")[1].split("## What would change our mind")[0]
        items = re.split(r"\n\d\. ", learned)[1:]
        assert len(items) == 3, story.letter
        assert all("scorecard.html#claim-" in item for item in items)
        assert "{{" not in page and "nan" not in page.split()


def test_a_placeholder_that_stands_for_nothing_is_one_clear_error(tmp_path, decisions):
    cases = {
        "{{ bset.estimate }}": "'bset' is undefined",
        "{{ best.estimte }}": "has no attribute 'estimte'",
        "{{ best.estimate | percnt }}": "No filter named 'percnt'",
        "{{ best.estimate": "unexpected end of template",
        "{{ printed('A-fig1', 'test error') }}": "the paper prints 2 numbers for A-fig1",
        "{{ printed('A-none', 'test error') }}": "there is no claim 'A-none'",
        "{{ best | percent }}": "unsupported operand",
    }
    story = made(tmp_path)
    for text, said in cases.items():
        with pytest.raises(StudyError, match=re.escape(said)) as caught:
            filled(story, text, decisions, {})
        assert str(caught.value).startswith(str(story.path)) and "\n" not in str(caught.value)


def test_what_was_not_run_has_no_number_to_quote(tmp_path, decisions):
    missing = next(d for d in decisions if d.verdict is Verdict.NOT_RUN)
    quotes = {"best": Quote(missing.claim.id, "not run")}
    story = replace(made(tmp_path), quotes=quotes)
    with pytest.raises(StudyError, match="has no estimate; do not quote it"):
        filled(story, "{{ best.estimate }}", decisions, {})
    assert "verdict-not-run" in filled(story, "{{ best | chip }}", decisions, {})


def test_quotes_that_name_nothing_or_that_nothing_uses_are_named(tmp_path, decisions):
    renamed = made(tmp_path, **{"claim: A-headline,": "claim: A-headline, part: No such part,"})
    with pytest.raises(
        StudyError, match="has no part 'No such part'; its parts are: The best number of atoms"
    ):
        filled(renamed, renamed.answer, decisions, {})
    unused = replace(renamed, answer="", body="", quotes={"best": Quote("A-headline", "not reproduced")})
    assert [problem.split(": ")[-1] for problem in moved(unused, decisions)] == ["no sentence uses it."]


def test_a_word_in_quotation_marks_quotes_nothing(tmp_path):
    story = made(tmp_path)
    story = replace(story, answer="{{ printed('A-headline', 'best test error reported') }}")
    assert story.sentences("best") == ["The error is {{ best.estimate | percent }}."]


def test_check_names_a_placeholder_that_stands_for_nothing(monkeypatch, tmp_path, decisions):
    made(tmp_path, **{"best.estimate": "bset.estimate"})
    module = "wsbook.book.pages.stories.problems"
    monkeypatch.setattr(f"{module}.load_stories", lambda: load_stories(tmp_path))
    monkeypatch.setattr(f"{module}.notebook_names", lambda: ["A1_dictionary"])
    (found,) = story_problems(decisions)
    assert found.endswith("A0_test.md: 'bset' is undefined")


def test_chapters_without_a_line_and_lines_without_a_chapter_are_named(monkeypatch, tmp_path, decisions):
    made(tmp_path, A1_dictionary="A9_none")
    module = "wsbook.book.pages.stories.problems"
    monkeypatch.setattr(f"{module}.load_stories", lambda: load_stories(tmp_path))
    monkeypatch.setattr(f"{module}.notebook_names", lambda: ["A1_dictionary", "B1_zoos"])
    said = [problem.split(", chapter ")[1] for problem in story_problems(decisions)]
    assert said == [
        "A1_dictionary: the story does not say what it answers.",
        "A9_none: the story names it, and it does not exist.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("---\npaper", "paper", "must begin with YAML"),
        ("question: Is it so?\n", "", "its head must have paper, question"),
        ("assumes: not reproduced", "assumes: refuted", "no verdict is called 'refuted'"),
        ("{claim: A-headline, assumes", "{assumes", "quote best: it takes claim, assumes, part"),
        ("chapters: {A1_dictionary: What is asked}", "chapters: all", "chapters must be a mapping"),
        ("quotes:\n", "quotes: [\n", "its head is not YAML"),
    ],
)
def test_a_head_that_cannot_be_read_is_one_clear_error(tmp_path, old, new, said):
    with pytest.raises(StudyError, match=said) as caught:
        made(tmp_path, **{old: new})
    assert "A0_test.md" in str(caught.value)


def test_cards_ask_answer_and_lead_to_the_opening_pages(stories, decisions):
    page = cards_page(list(stories.values()), decisions, records)
    assert page.count("{grid-item-card}") == page.count("<svg") == len(stories)
    for story, paper in zip(stories.values(), PAPERS, strict=True):
        own = [decision for decision in decisions if decision.claim.id.startswith(story.letter)]
        assert f":link: generated/{story.name}" in page and story.question in page
        assert f"*{paper.title}*" in page and f"{len(own)} claim" in page
    assert page.count('class="verdict ') >= len(stories)
    assert "ws-chip" not in page  # the card is the link


def test_stories_are_among_what_pages_are_made_from():
    sources = page_sources()
    for name in story_names():
        assert f"book/stories/{name}.md" in sources
    openings = {str(path.relative_to(ROOT)) for path in ROOT.glob("wsbook/papers/*/figures/opening.py")}
    assert len(openings) == len(story_names()) and openings <= set(sources)
    contents = (ROOT / "_toc.yml").read_text()
    assert all(f"file: book/generated/{name}\n" in contents for name in story_names())
    assert STORIES == ROOT / "book" / "stories"


def test_shares_and_differences_are_printed_in_per_cent_and_points():
    assert percent(0.3585) == "36\u00a0%" and percent(0.9179, 4) == "91.79\u00a0%"
    assert points(-0.0842) == "−8.4\u00a0points" and points(4e-4, 1) == "0.04\u00a0points"
