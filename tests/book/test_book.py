"""The built book in a real browser: loads, stays offline, searches, sorts, fits a phone, reads.

`make book` first; WSBOOK_HTML names another build. Each page is loaded once; the tests judge what
was seen there.
"""

import functools
import http.server
import os
import shutil
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = pytest.mark.xdist_group("browser")  # one worker visits every page once

HTML = Path(os.environ.get("WSBOOK_HTML", Path(__file__).parents[2] / "_build" / "html"))
DESKTOP = {"width": 1400, "height": 900}
PHONE = {"width": 360, "height": 740}
MOST_CODE = 60  # lines that a chapter shows before a fold is opened
QUIET = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --disable-quic"
).split()

LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
IDS = "[...document.querySelectorAll('[id]')].map(e => e.id)"
FORMULAS = "document.querySelectorAll('mjx-container').length"
UNSET = """[...document.querySelectorAll('.math')]
  .filter(math => !math.querySelector('mjx-container') || math.querySelector('mjx-merror'))
  .map(math => math.textContent.slice(0, 80))"""
UNLABELLED = """[
  ...[...document.images].filter(image => !image.alt.trim()),
  ...[...document.querySelectorAll('.bd-article svg[viewBox]')]
    .filter(svg => !svg.closest('a, button, [aria-hidden=true]'))
    .filter(svg => !(svg.role === 'img' && svg.getAttribute('aria-label')?.trim())),
].map(e => e.outerHTML.slice(0, 120))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# A chapter: where its first verdict ends, how much code it shows unasked, and what is wider than a phone without being the page.
VERDICT = "document.querySelector('.ws-summary .ws-entry')?.getBoundingClientRect().bottom ?? 0"
CODE = """[...document.querySelectorAll('.bd-article div.highlight pre')]
  .filter(code => !code.closest('details:not([open])'))
  .reduce((lines, code) => lines + code.textContent.trim().split('\\n').length, 0)"""
SCROLLED = """[...document.querySelectorAll('.bd-article :is(.ws-scroll, .ws-narrow)')]
  .filter(box => box.scrollWidth > box.clientWidth + 1)
  .map(box => box.textContent.trim().slice(0, 60))"""

# Text in figures, tables, chips and badges whose contrast (WCAG 2) with what lies behind it is
# under 4.5. Behind is the nearest opaque shape or box under its centre; pictures are left out.
FAINT = """() => {
  const parse = (colour) => {
    const values = colour.match(/[\\d.]+/g)?.map(Number);
    const unit = colour.startsWith('color(') ? 255 : 1;  // color(srgb 0.9 0.9 0.9), as of color-mix()
    return values && [...values.slice(0, 3).map(v => v * unit), values[3] ?? 1];
  };
  const luminance = (colour) => colour.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const drawn = (e) => e instanceof SVGElement;
  const behind = (x, y) => {
    for (const e of document.elementsFromPoint(x, y)) {
      if (e.closest('text') || e.closest('svg') === e) continue;
      if (e.tagName === 'image') return null;
      const style = getComputedStyle(e);
      const colour = parse(drawn(e) ? style.fill : style.backgroundColor);
      if (colour && colour[3] * (drawn(e) ? style.fillOpacity : 1) > 0.5) return colour;
    }
    return [255, 255, 255, 1];
  };
  const faint = [];
  const texts = document.querySelectorAll('.bd-article :is(' +
    'svg text, figcaption, .verdict, .provenance *, .ws-table :is(th, td, caption, button, small), ' +
    '.ws-map :is(span, p, b), .ws-filters :is(span, legend), .ws-count)');
  for (const text of texts) {
    const own = [...text.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
    const words = own.map(node => node.data).join(' ').trim();
    if (!words || !text.getClientRects().length || text.closest('details:not([open])')) continue;
    text.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    const back = behind(box.x + box.width / 2, box.y + box.height / 2);
    const front = parse(drawn(text) ? style.fill : style.color);
    if (!back || !front) continue;
    const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) faint.push(`${words.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""


@dataclass
class Visit:
    """What one page showed and asked for."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    facts: dict = field(default_factory=dict)


@pytest.fixture(scope="module")
def site() -> str:
    """The address of a local server of the built book."""
    if not (HTML / "index.html").is_file():
        pytest.fail(f"There is no built book in {HTML}: run `make book`, or set WSBOOK_HTML.")
    handler = functools.partial(_Quiet, directory=HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def browser() -> Browser:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.fail("Chromium is missing: install it with `apt-get install chromium`.")
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield instance
        instance.close()


@pytest.fixture
def page(browser: Browser) -> Page:
    with browser.new_context(viewport=DESKTOP, color_scheme="light") as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def visits(site: str, browser: Browser) -> dict[str, Visit]:
    """Every page of the book, by its path, visited once."""
    files = [file for file in sorted(HTML.rglob("*.html")) if file != HTML / "index.html"]
    paths = [file.relative_to(HTML).as_posix() for file in files]  # index.html only redirects
    return {path: _visit(browser, site + path) for path in paths if not path.startswith("_")}


def _visit(browser: Browser, url: str) -> Visit:
    seen = Visit()
    with browser.new_context(viewport=DESKTOP, color_scheme="light") as context:
        page = context.new_page()
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("requestfailed", lambda request: seen.errors.append(f"no answer: {request.url}"))
        page.on("response", lambda r: r.status < 400 or seen.errors.append(f"{r.status}: {r.url}"))
        page.on("console", lambda m: m.type != "error" or seen.errors.append(m.text))
        _open(page, url)
        for name, script in {
            "links": LINKS, "ids": IDS, "formulas": FORMULAS, "unset": UNSET,
            "unlabelled": UNLABELLED, "faint": FAINT, "verdict": VERDICT, "code": CODE,
        }.items():  # fmt: skip
            seen.facts[name] = page.evaluate(script)
        page.emulate_media(color_scheme="dark")
        seen.facts["faint when dark"] = page.evaluate(FAINT)
        page.set_viewport_size(PHONE)
        seen.facts["wider than a phone"] = page.evaluate(WIDER)
        seen.facts["scrolled on a phone"] = page.evaluate(SCROLLED)
    return seen


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.evaluate("async () => { await window.MathJax?.startup?.promise; }")


def _found(visits: dict[str, Visit], fact: str) -> dict[str, list | int]:
    return {path: visit.facts[fact] for path, visit in visits.items() if visit.facts[fact]}


def test_the_book_has_its_pages(visits: dict[str, Visit]) -> None:
    assert _scorecard(), "No generated/scorecard.html in the book."
    assert len(visits) > 3


def _scorecard() -> str:
    pages = HTML.rglob("generated/scorecard.html")
    return next((page.relative_to(HTML).as_posix() for page in pages), "")


def test_pages_load_without_errors(visits: dict[str, Visit]) -> None:
    assert {path: visit.errors for path, visit in visits.items() if visit.errors} == {}


def test_pages_ask_no_other_host(site: str, visits: dict[str, Visit]) -> None:
    asked = {url for visit in visits.values() for url in visit.requests}
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []


def test_formulas_are_typeset(visits: dict[str, Visit]) -> None:
    assert _found(visits, "formulas"), "No page has a formula."
    assert _found(visits, "unset") == {}


def test_images_and_figures_have_alt_text(visits: dict[str, Visit]) -> None:
    assert _found(visits, "unlabelled") == {}


@pytest.mark.parametrize("fact", ["faint", "faint when dark"])
def test_text_stands_out_from_its_background(visits: dict[str, Visit], fact: str) -> None:
    assert _found(visits, fact) == {}


def test_no_page_is_wider_than_a_phone(visits: dict[str, Visit]) -> None:
    assert _found(visits, "wider than a phone") == {}


def test_figures_and_tables_fit_a_phone(visits: dict[str, Visit]) -> None:
    assert _found(visits, "scrolled on a phone") == {}


def _chapters(visits: dict[str, Visit]) -> dict[str, dict]:
    return {path: visit.facts for path, visit in visits.items() if "/executed/" in path}


def test_a_chapter_opens_with_a_verdict(visits: dict[str, Visit]) -> None:
    ends = {path: facts["verdict"] for path, facts in _chapters(visits).items()}
    assert len(ends) > 20
    assert {path: end for path, end in ends.items() if end > DESKTOP["height"]} == {}
    assert [path for path, end in ends.items() if not end] == [
        "book/executed/B1_zoos.html"
    ]  # decides no claim


def test_a_chapter_shows_methods_and_no_other_code(visits: dict[str, Visit]) -> None:
    lines = {path: facts["code"] for path, facts in _chapters(visits).items()}
    assert {path: n for path, n in lines.items() if n > MOST_CODE} == {}
    assert sum(n > 0 for n in lines.values()) >= 3


def test_links_and_downloads_resolve(site: str, visits: dict[str, Visit]) -> None:
    links = {(path, url) for path, visit in visits.items() for url in visit.facts["links"]}
    own = {(path, *urldefrag(url)) for path, url in links if url.startswith(site)}
    broken = {url: problem for url in {url for _, url, _ in own} if (problem := _problem(url))}
    assert broken == {}
    lost = {
        f"{path} -> {url}#{fragment}"
        for path, url, fragment in own
        if fragment
        and (target := visits.get(url.removeprefix(site)))
        and fragment not in target.facts["ids"]
    }
    assert lost == set()
    notebooks = [url for _, url, _ in own if url.endswith(".ipynb")]
    assert notebooks, "No page offers a notebook to download."


def _problem(url: str) -> str:
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD")).close()
    except urllib.error.URLError as error:
        return str(error)
    return ""


def test_search_finds_a_term(site: str, page: Page) -> None:
    _open(page, site + _scorecard())
    page.locator(".search-button-field:visible").click()
    page.keyboard.type("dictionary")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.click()
    page.wait_for_url("**/book/**")
    assert "dictionar" in page.locator("article").inner_text().lower()


def test_the_front_door_leads_to_the_book(site: str, page: Page) -> None:
    page.goto(site)
    page.wait_for_url("**/book/*.html")


def test_scorecard_sorts(site: str, page: Page) -> None:
    _open(page, site + _scorecard())
    table = page.locator("table.sortable").first
    before = table.locator("tbody tr").all_inner_texts()
    for column, heading in enumerate(table.locator("thead th").all()):
        orders = []
        for direction in ("ascending", "descending"):
            heading.locator("button").click()
            assert heading.get_attribute("aria-sort") == direction
            assert table.locator("thead th:not([aria-sort=none])").count() == 1
            orders.append(table.locator("tbody tr").all_inner_texts())
            assert sorted(orders[-1]) == sorted(before), f"column {column} lost or doubled rows"
        cells = table.locator(f"tbody tr > :nth-child({column + 1})").all_inner_texts()
        if len(set(cells)) > 1:
            assert orders[0] != orders[1], f"column {column} does not sort"


def test_theme_button_darkens_the_page(site: str, page: Page) -> None:
    _open(page, site + _scorecard())
    background = {}
    for _ in range(3):  # auto, light, dark
        page.locator(".theme-switch-button:visible").first.click()
        theme = page.evaluate("document.documentElement.dataset.theme")
        background[theme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert set(background) == {"light", "dark"}
    assert background["light"] != background["dark"]


NARROW_TABLES = """() => [...document.querySelectorAll('.bd-article table')]
  .filter(table => table.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map(table => table.textContent.slice(0, 60))"""


def test_the_scorecard_is_short_and_no_wider_than_the_screen(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    _open(page, site + _scorecard())
    assert page.evaluate("document.documentElement.scrollHeight") < 15_000
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert page.evaluate(WIDER) == 0, width
        assert page.evaluate(NARROW_TABLES) == [], width


@pytest.mark.parametrize(("path", "scope"), [("scorecard", "ws-scorecard"), ("index", "ws-map")])
def test_filters_hide_and_show_without_scripts(site: str, browser: Browser, path: str, scope: str) -> None:
    url = site + (_scorecard() if path == "scorecard" else "book/index.html")
    claims = f".{scope} :is(tbody tr, .ws-tile)"
    with browser.new_context(viewport=DESKTOP, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(url)
        total = page.locator(claims).count()
        for name, value in (("paper", "A"), ("verdict", "reproduced")):
            page.locator(f"label:has(#{scope}-{name}-{value})").click()
            left = page.locator(f"{claims}:visible").all()
            assert 0 < len(left) < total
            assert {claim.get_attribute(f"data-{name}") for claim in left} == {value}
        page.locator(f"label:has(#{scope}-paper-all)").click()
        page.locator(f"label:has(#{scope}-verdict-all)").click()
        assert page.locator(f"{claims}:visible").count() == total


def test_the_search_box_leaves_the_claims_that_have_all_words(site: str, page: Page) -> None:
    _open(page, site + _scorecard())
    page.locator(".ws-search").fill("momentum faster")
    left = page.locator(".ws-scorecard tbody tr:visible").all_inner_texts()
    assert left and all("momentum" in text.lower() and "faster" in text.lower() for text in left)
    page.locator(".ws-search").fill("")
    assert page.locator(".ws-scorecard tbody tr:visible").count() > len(left)


def test_a_link_to_a_part_opens_its_fold_and_a_tile_leads_to_its_claim(site: str, page: Page) -> None:
    _open(page, f"{site}{_scorecard()}#part-c-table2-2")
    assert page.locator("#part-c-table2-2").is_visible()
    assert not page.locator("#part-a-fig1-1").is_visible()
    _open(page, site + "book/index.html")
    page.locator('.ws-tile[href$="#claim-a-fig1"]').click()
    page.wait_for_url("**/scorecard.html#claim-a-fig1")
    assert page.locator("#part-a-fig1-1").is_visible()


def test_tiles_and_filters_show_where_the_keyboard_is(site: str, page: Page) -> None:
    _open(page, site + "book/index.html")
    page.locator("#ws-map-paper-all").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#ws-map-paper-A").is_checked()
    outline = "getComputedStyle({}).outlineStyle"
    assert page.evaluate(outline.format("document.querySelector('#ws-map-paper-A + span')")) == "solid"
    page.locator("#ws-map-topic-all").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("ws-tile")
    assert page.evaluate(outline.format("document.activeElement")) == "solid"
