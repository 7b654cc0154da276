"""Errors of reconstruction, and what happens to the distribution of weights."""

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS
from wsbook.papers.sane.measures.reconstruction import distributions, errors, measure
from wsbook.papers.sane.method.autoencoder import Autoencoder, Sizes
from wsbook.papers.sane.method.trained import Fitted
from wsbook.papers.sane.setting import Training
from wsbook.study import shelf
from wsbook.study.experiment import Cell
from wsbook.zoo.networks import StackedCNN

SHAPES = CNN_DIGITS.shapes


@pytest.fixture
def vectors():
    """Weight vectors (8, P) around one mean."""
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(CNN_DIGITS.size, generator=generator)
    return mean + 0.5 * torch.randn(8, CNN_DIGITS.size, generator=generator)


@pytest.fixture
def found(vectors):
    sizes = Sizes(token=40, window=60, positions=(80, 5, 20), width=16, heads=2, blocks=1, latent=4)
    return Fitted(Autoencoder(sizes, torch.Generator().manual_seed(0)), StackedCNN(CNN_DIGITS), vectors)


def test_a_perfect_reconstruction_has_no_error(found, vectors):
    assert set(errors(found, vectors, vectors).values()) == {0.0}
    same = distributions(SHAPES, vectors, vectors)
    assert same == {"spread_ratio": pytest.approx(1), "distribution_distance": pytest.approx(0)}


def test_the_mean_of_the_training_networks_explains_nothing(found, vectors):
    mean = vectors.mean(0).expand_as(vectors)
    assert errors(found, vectors, mean)["unexplained"] == pytest.approx(1)


def test_relative_errors_are_those_of_the_norm(found, vectors):
    assert errors(found, vectors, 1.5 * vectors)["relative_error"] == pytest.approx(0.5)


def test_shrunken_weights_are_noticed(vectors):
    found = distributions(SHAPES, vectors, 0.2 * vectors)
    assert found["spread_ratio"] == pytest.approx(0.2, rel=1e-4)
    assert found["distribution_distance"] > 0.5


def test_a_cell_averages_over_its_zoos(monkeypatch, tmp_path):
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shelf, "RESULTS", tmp_path / "results")
    setting = Training(
        "digits+glyphs-digits", "cnn-digits", models=16, epochs=1, kept=1, fresh=4, token=40, window=60, width=16,
        heads=2, blocks=1, latent=4, steps=5, batch=4,
    )  # fmt: skip
    one, same = (measure([Cell(setting, 0)], "cpu")[0] for _ in range(2))
    assert one.metrics == same.metrics
    for name, value in one.metrics.items():
        by_zoo = one.curves[f"{name}_by_zoo"]
        assert len(by_zoo) == 2 and value == pytest.approx(sum(by_zoo) / 2)
