import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot as plt

from wsbook.errors import StudyError
from wsbook.figures import INK, PALETTE, Cell, new_figure, show, style, table, verdict
from wsbook.figures.display import number
from wsbook.verdicts.rules.verdict import Verdict


@style()
def curves(last=0.2, label="β₁ = 0.9"):
    fig, ax = new_figure()
    ax.plot([0, 1, 2], [1, 0.5, last], label=label)
    ax.axhline(0.3, color=INK, linestyle="--")
    ax.set(xlabel="epoch", ylabel="error < 1 & > 0")
    ax.legend()
    return fig


@style()
def cloud(points):
    fig, ax = new_figure()
    ax.scatter(*np.random.default_rng(0).normal(size=(2, points)), s=4)
    return fig


def svg(shown):
    text = re.search(r"<svg.*</svg>", shown.html)[0]
    return text, ElementTree.fromstring(text)


def named(root, tag):
    return [e for e in root.iter() if e.tag.endswith("}" + tag)]


def test_figure_has_text_and_html_for_jupyter():
    shown = show(curves(), "Error falls")
    data, _ = DisplayFormatter().format(shown)
    assert data == {"text/plain": "Figure: Error falls", "text/html": shown.html}


def test_figure_is_the_same_bytes_when_drawn_again():
    assert show(curves(), "a").html == show(curves(), "a").html
    assert show(curves(), "a").html != show(curves(last=0.21), "a").html
    assert show(cloud(2000), "a").html == show(cloud(2000), "a").html


def test_figure_is_closed():
    show(curves(), "a")
    assert plt.get_fignums() == []


@pytest.mark.parametrize("alt", ["", "  \n "])
def test_figure_without_alt_text_is_refused(alt):
    fig = curves()
    with pytest.raises(StudyError, match="alt text"):
        show(fig, alt)
    plt.close(fig)


def test_alt_text_is_escaped_and_stands_below_the_figure_too():
    shown = show(curves(), 'error < "1"\n& falling')
    assert shown.text == 'Figure: error < "1" & falling'
    assert svg(shown)[1].get("aria-label") == 'error < "1" & falling'
    assert svg(shown)[1].get("role") == "img"
    assert (
        '<figcaption aria-hidden="true">error &lt; &quot;1&quot; &amp; falling</figcaption>' in shown.html
    )


def test_ink_follows_the_page_and_data_keep_their_colour():
    text, root = svg(show(curves(), "a"))
    assert "fill:currentColor" in root.get("style")
    assert "stroke:currentColor" in text and f"stroke:{PALETTE[0]}" in text
    colours = set(re.findall(r"#[0-9a-f]{6}(?=[;\"])", text))
    assert colours == {PALETTE[0]}
    assert [e.text for e in named(root, "text")][-1] == "β₁ = 0.9"
    assert not any("fill:#" in e.get("style", "") for e in named(root, "text"))


def test_two_figures_share_no_id_and_lose_no_reference():
    ids = []
    for last in (0.2, 0.3):
        text, root = svg(show(curves(last), "a"))
        own = [e.get("id") for e in root.iter() if e.get("id")]
        assert own and set(own) == set(re.findall(r"#(f\w{8}-\w+)", text))
        ids += own
    assert len(set(ids)) == len(ids)


def test_figure_is_self_contained_and_small():
    text, root = svg(show(curves(), "a"))
    assert not named(root, "style") and not named(root, "metadata")
    assert "DejaVu" not in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"\d\.\d{3}", text)
    assert len(text) < 15_000


def test_formulas_become_outlines():
    text, root = svg(show(curves(label=r"$\beta_1 = 0.9$"), "a"))
    assert "β" not in text and "beta" not in text
    _, plain = svg(show(curves(label="momentum"), "a"))
    assert len(named(root, "path")) == len(named(plain, "path")) + 1


@pytest.mark.parametrize(("points", "images"), [(200, 0), (2000, 1)])
def test_dense_scatter_becomes_an_image(points, images):
    _, root = svg(show(cloud(points), "a"))
    assert len(named(root, "image")) == images
    assert (len(named(root, "use")) > points) == (not images)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.22, "0.220"), (12.34, "12.3"), (0.99996, "1.00"), (4200.4, "4,200"), (42000, "42,000"),
        (0, "0"), (0.0, "0"), (-0.5, "−0.500"), (-3, "−3"), (1.2e-5, "1.20 × 10⁻⁵"),
        (-2.5e7, "−2.50 × 10⁷"), (float("inf"), "∞"), (float("-inf"), "−∞"),
    ],
)  # fmt: skip
def test_numbers_have_three_significant_digits(value, text):
    assert number(value) == text


def frame():
    return pd.DataFrame(
        {
            "claim": ["A<1>", "A-2"],
            "error": [0.5634, float("nan")],
            "steps": [42000, 30],
            "verdict": [verdict("partly"), verdict("not run")],
            "link": [Cell("here", '<a href="x.html">here</a>'), "–"],
        }
    )


def test_table_as_text():
    assert table(frame(), "Claims").text.splitlines() == [
        "Claims",
        "claim error  steps verdict link",
        " A<1> 0.563 42,000  partly here",
        "  A-2     –     30 not run    –",
    ]


def test_table_as_html():
    shown = table(frame(), "Claims & rules", sortable=True)
    root = ElementTree.fromstring(shown.html)
    rows = root.findall("./table/tbody/tr")
    assert root.find("./table").get("class") == "ws-table ws-cards sortable"
    assert root.find("./table/caption").text == "Claims & rules"
    assert [h.get("class") for h in root.iter("th")] == [None, "num", "num", None, None]
    assert ["".join(cell.itertext()) for cell in rows[0]] == [
        "A<1>", "0.563", "42,000", "partly", "here",
    ]  # fmt: skip
    assert [cell.get("data-sort") for cell in rows[0]] == [None, None, "42000", "1", None]
    assert [cell.get("data-sort") for cell in rows[1]] == [None, "", None, "4", None]
    assert rows[0].find("./td/a").get("href") == "x.html"
    assert shown.html == table(frame(), "Claims & rules", sortable=True).html


def test_small_and_large_numbers_keep_a_key_that_sorts():
    shown = table(pd.DataFrame({"x": [1.2e-5, -2.5e7, 1234.5]}))
    assert re.findall(r'data-sort="([^"]*)"', shown.html) == ["1.20e-5", "-2.50e7", "1234"]


def test_named_index_heads_its_rows():
    root = ElementTree.fromstring(table(frame().set_index("claim")[["steps"]]).html)
    first = root.find("./table/tbody/tr")
    assert [(cell.tag, cell.get("scope")) for cell in first] == [("th", "row"), ("td", None)]
    assert "sortable" not in root.find("./table").get("class")


def test_table_without_rows_says_so():
    empty = table(frame()[:0])
    assert empty.text == "claim, error, steps, verdict, link: nothing recorded yet"
    assert '<td colspan="5" class="ws-nothing">nothing recorded yet</td>' in empty.html


def test_verdicts_sort_from_best_to_unknown():
    assert [verdict(word).sort for word in Verdict] == [0, 1, 2, 3, 4]
    assert 'class="verdict verdict-not-reproduced"' in verdict("not reproduced").html
    with pytest.raises(StudyError, match="'proved'.*reproduced"):
        verdict("proved")
