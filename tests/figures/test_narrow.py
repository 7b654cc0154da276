"""Figures for a phone."""

import re

import pytest

from wsbook.figures import new_figure, show
from wsbook.figures.narrow import is_wide, narrow
from wsbook.figures.style import NARROW


@pytest.fixture
def row():
    """Two panels side by side that share an axis, and a legend of three entries."""
    figure, axes = new_figure(1, 2, sharey=True)
    for axis in axes:
        for name in "abc":
            axis.plot([0, 1], [0, 1], label=name)
    axes[0].set_ylabel("error")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def test_a_row_of_panels_becomes_a_column_that_fits_a_phone(row):
    tall = narrow(row)
    tall.draw_without_rendering()
    first, second = (axes.get_position() for axes in tall.axes)
    assert tall.get_figwidth() == NARROW
    assert first.x0 == pytest.approx(second.x0) and first.y0 > second.y1
    assert [axes.get_ylabel() for axes in tall.axes] == ["error", "error"]


def test_its_legend_keeps_its_entries(row):
    (legend,) = narrow(row).legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c"]


def test_a_wide_figure_is_shown_in_both_forms_and_a_narrow_one_once(row):
    wide = show(row, "Two panels").html
    assert re.findall(r'class="(ws-scroll ws-wide|ws-narrow)"', wide) == ["ws-scroll ws-wide", "ws-narrow"]
    assert wide.count("<svg") == 2 and wide.count("<figcaption") == 1
    figure, axis = new_figure()
    axis.plot([0, 1])
    assert not is_wide(figure) and show(figure, "One").html.count("<svg") == 1


def test_one_wide_panel_only_becomes_narrower():
    figure, _ = new_figure(width=7.0, height=3.4)
    assert is_wide(figure)
    assert tuple(narrow(figure).get_size_inches()) == pytest.approx((NARROW, 3.4))
