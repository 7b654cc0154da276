"""Tables and figures of reconstructed networks show the numbers of their table."""

import pandas as pd
import pytest

from wsbook.papers.sane.figures.reconstruction import (
    by_architecture,
    collapsed,
    dots,
    of_architectures,
    rounded_otherwise,
)

COLUMNS = ["network", "seed", "contrast", "original_by_zoo", "rebuilt_by_zoo"]


@pytest.fixture
def trainings():
    """Two seeds without contrast and with it; with it, the second collapses."""
    after = {(0.0, 0): [0.5, 0.8], (0.0, 1): [0.7, 0.6], (0.05, 0): [0.3, 0.15], (0.05, 1): [0.1, 0.12]}
    rows = [("cnn+mlp", seed, weight, [0.9, 0.95], values) for (weight, seed), values in after.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_every_architecture_of_every_training_has_a_row(trainings):
    found = of_architectures(trainings)
    assert list(found.architecture) == ["cnn", "mlp"] * 4 and set(found.autoencoder) == {"shared"}
    assert list(found.after) == [0.5, 0.8, 0.7, 0.6, 0.3, 0.15, 0.1, 0.12]
    assert list(found.before) == [0.9, 0.95] * 4


def test_means_are_of_seeds_alone(trainings):
    alone = pd.DataFrame([("mlp", 0, 0.05, [0.9], [0.85])], columns=COLUMNS)
    found = (
        by_architecture(pd.concat([trainings, alone]), "trained")
        .set_index(["architecture", "trained"])
        .after
    )
    assert found["cnn", "without contrast"] == pytest.approx(0.6)
    assert found["cnn", "with contrast"] == pytest.approx(0.2)
    assert found["mlp", "with contrast"] == pytest.approx((0.15 + 0.12 + 0.85) / 3)
    kinds = by_architecture(pd.concat([trainings, alone])).set_index(["architecture", "autoencoder"]).after
    assert kinds["mlp", "its own"] == 0.85


def test_a_training_collapses_if_all_its_networks_guess(trainings):
    found = collapsed(trainings)
    assert found.loc["with contrast"].tolist() == [2, 1]
    assert found.loc["without contrast"].tolist() == [2, 0]


def test_each_seed_has_a_dot(trainings):
    figure = dots(of_architectures(trainings), "trained", "after", "architecture", "test accuracy")
    heights = [[y for dots in axis.collections for _, y in dots.get_offsets()] for axis in figure.axes]
    assert heights == [[0.5, 0.7, 0.3, 0.1], [0.8, 0.6, 0.15, 0.12]]


def test_without_records_tables_are_empty():
    nothing = pd.DataFrame(columns=COLUMNS)
    assert by_architecture(nothing, "trained").empty and collapsed(nothing).empty


def test_collapses_are_counted_over_shared_seeds(trainings):
    lucky = pd.DataFrame(
        [("cnn+mlp", seed, 0.05, [0.9, 0.9], [0.5, 0.5]) for seed in (1, 2)], columns=COLUMNS
    )
    text = rounded_otherwise(lucky, trainings)
    assert text.startswith("of 1 seeds") and text.endswith("0 collapsed in the first and 1 in the second")
