"""Figures and words of paper A's pages."""

import pandas as pd
import pytest

from wsbook.papers.primitives.figures import synthetic as draw


def counts() -> pd.DataFrame:
    """Ten readings of each kind for two statements."""
    rows = [("independent", "one"), ("independent", "two"), ("shared", "one"), ("shared", "two")]
    index = pd.MultiIndex.from_tuples(rows, names=["streams", "statement"])
    words = ["holds", "partly", "undecided", "refuted"]
    return pd.DataFrame([[10, 0, 0, 0], [2, 3, 1, 4], [0, 0, 0, 10], [5, 0, 0, 5]], index, words)


def test_bars_of_survival_fill_the_whole():
    figure = draw.survival(counts())
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["independent streams", "shared streams"]
    for axis in figure.axes:
        ends = [bar.get_x() + bar.get_width() for bar in axis.containers[-1]]
        assert ends == pytest.approx([1, 1])
    widths = [bars[1].get_width() for bars in figure.axes[0].containers]
    assert widths == pytest.approx([0.2, 0.3, 0.1, 0.4])


def test_ranking_names_the_best_first():
    table = pd.DataFrame({"method": ["a", "b", "a", "b"], "error": [0.2, 0.5, 0.2, 0.1]})
    names = {"a": "A", "b": "B"}
    assert draw.ranking(table, "method", "error", names) == "A 0.200, B 0.300"
    table.loc[0, "error"] = 0.8
    assert draw.ranking(table, "method", "error", names) == "B 0.300, A 0.500"
    assert draw.ranking(table, "method", "error", names, highest_first=True) == "A 0.500, B 0.300"
