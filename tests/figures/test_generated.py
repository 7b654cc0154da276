"""Figures of generated networks show the numbers of their table."""

import numpy as np
import pandas as pd
import pytest

from wsbook.figures.generated import STARTS, courses


def test_courses_show_errors_of_every_start_and_target():
    rows = [
        {"target": target, "seed": seed} | {start: [0.1, 0.5 + 0.1 * seed, 0.9] for start in STARTS}
        for target in ("mnist", "kmnist")
        for seed in range(2)
    ]
    figure = courses(pd.DataFrame(rows))
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["networks for MNIST", "networks for KMNIST"]
    for axis in figure.axes:
        means = [line for line in axis.lines if line.get_marker() == "o"]
        assert [line.get_label() for line in means] == list(STARTS.values())
        for line in means:
            assert np.array(line.get_ydata()) == pytest.approx([90, 45, 10])
        assert len(axis.lines) == 3 * len(STARTS) and axis.get_yscale() == "log"
