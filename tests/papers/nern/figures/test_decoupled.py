"""Tables of second trainings show planned rows, count destroyed seeds, and say which rate counts."""

import numpy as np
import pandas as pd
import pytest

from wsbook.figures.printed import printed
from wsbook.papers.nern import experiments as c
from wsbook.papers.nern.figures.decoupled import (
    best_rates,
    by_half,
    by_pair,
    by_rate,
    by_seed,
    larger_rate,
    planned,
)
from wsbook.study.experiment import parameters
from wsbook.verdicts.claims import load_claims


@pytest.fixture
def table():
    """One size: decoupled at one rate, joint at two, of which the larger destroys seed 1."""
    trainings = [(0.0, 3e-5, (0.90, 0.91)), (1.0, 3e-4, (0.87, 0.88)), (1.0, 1e-3, (0.89, 0.10))]
    rows = [(120, joint, lr, *pair) for joint, lr, found in trainings for pair in enumerate(found)]
    frame = pd.DataFrame(rows, columns=["hidden", "reconstruction", "lr", "seed", "test_accuracy"])
    courses = [[0.8, accuracy] for accuracy in frame.test_accuracy]
    return frame.assign(val_accuracy=frame.test_accuracy, val_course=courses)


def test_differences_are_over_the_seeds_that_survive(table):
    (row,) = larger_rate(table).to_dict("records")
    assert row["destroys"] == "1 of 2 seeds" and row["rate taken"] == "0.0003"
    assert row["larger minus lower"] == pytest.approx(2)
    assert row["decoupled minus larger"] == pytest.approx(1)


def test_one_rate_has_nothing_to_be_compared_with(table):
    assert larger_rate(table[table.lr != 1e-3]).empty


def test_every_pair_of_rates_is_a_row_with_the_interval_over_its_seeds(table):
    rows = by_pair(table)
    assert rows[["decoupled: rate", "joint: rate"]].to_numpy().tolist() == [
        ["3e-05", "0.0003"],
        ["3e-05", "0.001"],
    ]
    assert rows["decoupled minus joint"].tolist() == pytest.approx([3, 41])
    assert rows.seeds.tolist() == [2, 2]
    assert rows["from"][0] == pytest.approx(3) and rows["from"][1] < 0 < rows["to"][1]
    alone = by_pair(table[(table.seed == 0) | (table.reconstruction == 0)])
    assert alone.seeds.tolist() == [1, 1] and alone["from"].isna().all()


def test_every_seed_is_a_column_and_one_rate_a_method_is_taken(table):
    rows = by_seed(table)
    assert rows["seed 1"].tolist() == pytest.approx([91, 88, 10])
    assert rows.taken.tolist() == ["taken", "taken", "–"]


def test_rates_come_with_their_seeds_and_the_lowest(table):
    rows = by_rate(table)
    assert rows.seeds.tolist() == [2, 2, 2] and rows.lowest.tolist() == pytest.approx([0.90, 0.87, 0.10])
    assert best_rates(table).endswith("3e-05 for decoupled (seeds: 2), 0.0003 for joint (NeRN) (seeds: 2).")


def test_only_planned_settings_stay():
    setting = parameters(c.DECOUPLED.grid["quick"][0])
    rows = pd.DataFrame([setting | {"profile": "quick"}, setting | {"profile": "quick", "lr": 0.123}])
    assert planned(rows, c.DECOUPLED).index.tolist() == [0]
    assert planned(rows[:0], c.DECOUPLED).empty


def test_trainings_without_a_start_have_moved_from_none():
    first = pd.DataFrame({"layer_rmse_earlier": [1.0, 3.0], "layer_rmse_later": [2.0, 2.0]})
    (row,) = by_half({"reconstruction alone": first}).drop(columns="training").to_numpy()
    assert row[:2].tolist() == [2.0, 2.0] and np.isnan(row[2:].astype(float)).all()


def test_shares_are_printed_in_per_cent():
    rows = printed("C-table5", "C-cr")
    values = [value for claim in load_claims() if claim.id in ("C-table5", "C-cr") for value in claim.paper]
    assert len(rows) == len(values)
    assert rows["the paper's value"].max() > 90 and rows["the paper's value"].min() < 1
