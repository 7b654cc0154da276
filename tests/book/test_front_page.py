"""The front page and the opening pages of papers in a browser: answers at first sight, and nothing wider than a phone.

`make book` first; WSBOOK_HTML names another build.
"""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from wsbook.book.dependencies import story_names

pytestmark = pytest.mark.xdist_group("browser")

BOOK = Path(os.environ.get("WSBOOK_HTML", Path(__file__).parents[2] / "_build" / "html")) / "book"
SCREEN = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUIET = "--no-sandbox --disable-gpu --disable-background-networking --no-first-run".split()
BOXES = """selector => [...document.querySelectorAll(selector)].map(e => {
  const box = e.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
})"""


@pytest.fixture(scope="module")
def browser() -> Browser:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.fail("Chromium is missing: install it with `apt-get install chromium`.")
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield instance
        instance.close()


def opened(browser: Browser, page: str, viewport: dict[str, int], **context) -> Page:
    path = BOOK / f"{page}.html"
    if not path.is_file():
        pytest.fail(f"There is no {path}: run `make book`, or set WSBOOK_HTML.")
    shown = browser.new_context(viewport=viewport, **context).new_page()
    shown.goto(path.as_uri())
    return shown


@pytest.mark.parametrize("script", [True, False])
def test_the_papers_answers_stand_within_the_first_screen(browser, script):
    page = opened(browser, "index", SCREEN, java_script_enabled=script)
    cards = page.locator(".ws-papers .sd-card")
    assert cards.count() == len(story_names())
    for number in range(3):
        chip = cards.nth(number).locator(".verdict").last.bounding_box()
        assert chip["y"] + chip["height"] <= SCREEN["height"], (
            f"card {number} answers below the first screen"
        )
    page.context.close()


def test_a_card_leads_to_its_paper(browser):
    page = opened(browser, "index", SCREEN)
    targets = [link.get_attribute("href") for link in page.locator(".ws-papers a.sd-stretched-link").all()]
    assert targets == [f"generated/{name}.html" for name in story_names()]
    page.context.close()


@pytest.mark.parametrize("name", ["index", *(f"generated/{name}" for name in story_names())])
def test_cards_and_schemes_are_no_wider_than_a_phone(browser, name):
    page = opened(browser, name, PHONE)
    boxes = page.evaluate(
        BOXES, ".ws-paper, .ws-paper svg, .ws-scheme, .ws-scheme svg, .ws-scheme .ws-label"
    )
    assert boxes and all(left >= 0 and right <= PHONE["width"] for left, _, right, _ in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.context.close()


@pytest.mark.parametrize("name", story_names())
def test_an_opening_page_answers_first_and_takes_about_two_screens(browser, name):
    page = opened(browser, f"generated/{name}", SCREEN)
    ((_, _, _, below),) = page.evaluate(BOXES, ".ws-opening")
    assert below <= SCREEN["height"] / 2
    assert page.locator(".ws-opening .verdict").count() >= 1
    ((_, top, _, bottom),) = page.evaluate(BOXES, "article.bd-article")
    assert bottom - top <= 2.4 * SCREEN["height"]
    page.context.close()


@pytest.mark.parametrize("name", story_names())
def test_steps_of_a_scheme_stand_beside_each_other_and_on_a_phone_below(browser, name):
    sides = {}
    for viewport in (SCREEN, PHONE):
        page = opened(browser, f"generated/{name}", viewport)
        first, second = page.evaluate(BOXES, ".ws-lane:first-child li")[:2]
        sides[viewport["width"]] = second[0] > first[0], second[1] >= first[3]
        page.context.close()
    assert sides == {SCREEN["width"]: (True, False), PHONE["width"]: (False, True)}
