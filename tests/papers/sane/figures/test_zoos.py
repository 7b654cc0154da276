"""Tables of zoos, from galleries with planted clusters."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.sane.figures.zoos import named_by_neighbours, separations


def gallery(apart: float) -> pd.Series:
    """Two zoos of 40 networks on maps of two components, their centres that far apart once aligned."""
    points = np.random.default_rng(0).normal(size=(80, 2))
    of = np.repeat([0, 1], 40)
    found = {"zoo": of.tolist(), "separation": 1.0, "aligned_separation": 1.5}
    for kind, shift in {"plain": 0.0, "aligned": apart}.items():
        found |= {
            f"{kind}_pca_x": (points[:, 0] + shift * of).tolist(),
            f"{kind}_pca_y": points[:, 1].tolist(),
        }
    return pd.Series(found)


def test_neighbours_name_the_zoo_where_zoos_lie_apart():
    assert named_by_neighbours(gallery(10.0), "aligned") == 1
    assert named_by_neighbours(gallery(10.0), "plain") == pytest.approx(0.5, abs=0.15)
    assert 0.6 < named_by_neighbours(gallery(2.0), "aligned") < 1


def test_chance_is_that_of_the_sizes_of_zoos():
    rows = separations(gallery(10.0)).set_index("measure")
    assert rows.iloc[1]["aligned"] == "100 %" and rows.iloc[1]["no difference"] == "50 %"
