"""Second trainings beside table 2, and by their length."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.nern.figures.decoupled import by_weights
from wsbook.papers.nern.figures.lengths import accuracy_by_length, beside_table_2, by_length


def record(reconstruction: float, lr: float, seed: int, test: float, val: float = 0.5, **changes) -> dict:
    base = {
        "network": "resnet20-cifar10",
        "hidden": 140,
        "start_accuracy": 0.8,
        "steps": 200,
        "kd": 1.0,
        "fmd": 0.0,
    }
    own = {
        "reconstruction": reconstruction,
        "lr": lr,
        "seed": seed,
        "test_accuracy": test,
        "val_accuracy": val,
    }
    return base | own | changes


@pytest.fixture
def table() -> pd.DataFrame:
    rows = [record(0.0, 1e-5, seed, 0.85 + 0.01 * seed, 0.9) for seed in (0, 1)]
    rows += [record(0.0, 1e-4, seed, 0.99, 0.1) for seed in (0, 1)]  # a worse rate on validation images
    rows += [record(1.0, 1e-3, seed, 0.82) for seed in (0, 1)]
    return pd.DataFrame(rows)


def test_ours_stand_below_the_paper_s_numbers_at_the_best_rate(table):
    paper = {"decoupled": {140: 0.9134}, "joint (NeRN)": {140: 0.8967}, "reconstruction alone": {}}
    found = beside_table_2(table, paper).set_index(["method", "of"])["h = 140"]
    assert found["decoupled", "the paper"] == "91.34" and found["reconstruction alone", "the paper"] == "–"
    assert found[""].tolist() == [
        "80.00 (80.00 to 80.00)",
        "85.50 (85.00 to 86.00)",
        "82.00 (82.00 to 82.00)",
    ]


def test_a_lead_is_in_points_and_missing_where_one_side_is(table):
    longer = pd.DataFrame([record(0.0, 1e-5, 0, 0.9, steps=1000)])
    found = by_length(pd.concat([table[table.lr != 1e-4], longer]))
    assert found.loc[200, "lead"] == pytest.approx(3.5)
    assert np.isnan(found.loc[1000, "lead"])


def test_the_figure_has_a_line_an_objective_and_the_paper_s_values(table):
    figure = accuracy_by_length(table, {"decoupled": 0.9134, "joint (NeRN)": 0.8967}, 0.8, 0.9173)
    diamonds = [line.get_ydata()[0] for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert diamonds == [0.9134, 0.8967]


def test_weights_are_compared_each_at_its_best_rate(table):
    found = by_weights(table)
    assert found[["ρ", "after"]].to_numpy().tolist() == [[0.0, 85.5], [1.0, 82.0]]
