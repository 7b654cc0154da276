"""Schemes, glyphs and forests: what they draw, in colours of the page, for all who read it."""

import re
from importlib import import_module
from xml.etree import ElementTree

import numpy as np
import pytest

from wsbook.figures.display import drawn
from wsbook.figures.forest import Row, forest
from wsbook.figures.glyphs import cells, layers
from wsbook.figures.scheme import Lane, Step, scheme
from wsbook.figures.style import PALETTE
from wsbook.study.places import ROOT

OPENINGS = sorted(path.parents[1].name for path in ROOT.glob("wsbook/papers/*/figures/opening.py"))


def test_a_scheme_has_its_words_in_their_order_and_marks_between_steps():
    html = scheme(
        [Lane("One", [Step("", "a"), Step("", "b", "of <a>"), Step("", "c", by="=")], "so")], "All"
    )
    figure = ElementTree.fromstring(html)
    assert [step.find("span[@class='ws-label']").text for step in figure.iter("li")] == ["a", "b", "c"]
    marks = [
        (mark.text, mark.get("data-turn")) for mark in figure.iter("span") if mark.get("class") == "ws-by"
    ]
    assert marks == [("→", ""), ("=", None)]  # arrows turn on a phone, other marks do not
    assert "of &lt;a&gt;" in html and figure.find("figcaption").text == "All"


def test_cells_are_blue_above_zero_rust_below_and_nothing_at_zero():
    drawing = ElementTree.fromstring(cells(np.array([[2.0, -1.0, 0.0]])))
    found = [(rect.get("fill"), rect.get("fill-opacity")) for rect in drawing]
    assert found == [(PALETTE[0], "1.00"), (PALETTE[1], "0.50")]


def test_a_network_has_a_dot_a_unit_and_a_line_a_weight():
    drawing = ElementTree.fromstring(layers([2, 3, 1]))
    tags = [shape.tag for shape in drawing]
    assert (tags.count("circle"), tags.count("path")) == (6, 2 * 3 + 3 * 1)


@pytest.mark.parametrize("paper", OPENINGS)
def test_schemes_of_papers_take_the_colours_of_the_page(paper):
    html = import_module(f"wsbook.papers.{paper}.figures.opening").scheme()
    figure = ElementTree.fromstring(html)
    assert "\n\n" not in html  # an empty line would end the block of HTML
    for drawing in figure.iter("svg"):
        assert drawing.get("aria-hidden") == "true"
        width, height = (float(drawing.get(side)) for side in ("width", "height"))
        assert width <= 130 and height <= 75, "it would not fit into its step"
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', html)) - {"none", "currentColor"}
    assert colours <= set(PALETTE)


def test_a_forest_shows_each_estimate_under_its_label():
    rows = [Row("theirs", 0.1, paper=True), Row("ours", 0.3, (0.2, 0.4))]
    figure = forest(rows, "gain, %", unit=100)
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.texts] == ["theirs", "ours"]
    points = [line.get_xdata() for line in axis.lines]
    assert [0.0, 0.0] in [list(x) for x in points]
    assert any(np.allclose(x, [20, 40]) for x in points if len(x) == 2)
    svg = drawn(figure, "two gains")
    assert 'aria-label="two gains"' in svg and "theirs" in svg
