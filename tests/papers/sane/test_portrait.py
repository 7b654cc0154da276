"""Maps and separations of zoos."""

import pytest
import torch

from wsbook.papers.sane.measures.zoos import Gallery, mapped, measure, separation
from wsbook.study import shelf
from wsbook.study.experiment import Cell

ONE, OTHER = torch.zeros(6, 40), 10 * torch.ones(6, 40)


@pytest.fixture
def two_clouds():
    """Twelve vectors in two clouds far apart, and which of them each is in."""
    noise = torch.randn(12, 40, generator=torch.Generator().manual_seed(0))
    return torch.cat([ONE, OTHER]) + noise, torch.arange(12) // 6


def test_clouds_are_told_apart(two_clouds):
    vectors, of = two_clouds
    assert separation(vectors, of) > 5
    assert separation(vectors[torch.randperm(12, generator=torch.Generator().manual_seed(1))], of) < 2
    for points in mapped(vectors, 0).values():
        points = torch.as_tensor(points, dtype=torch.float)
        assert points.shape == (12, 2) and separation(points, of) > 2


def test_principal_components_are_those_of_largest_variance(two_clouds):
    vectors, of = two_clouds
    first = torch.as_tensor(mapped(vectors, 0)["pca"][:, 0])
    assert (first[of == 0] < 0).all() != (first[of == 1] < 0).all()
    assert first.var().item() == pytest.approx(
        torch.linalg.svdvals(vectors - vectors.mean(0))[0].item() ** 2 / 11
    )


def test_a_gallery_has_every_network_once(monkeypatch, tmp_path):
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shelf, "RESULTS", tmp_path / "results")
    monkeypatch.setattr("wsbook.zoo.archive.SHARD", 4)
    setting = Gallery("digits+glyphs-digits", "cnn-digits", models=4, epochs=2, kept=1)
    (found,) = measure([Cell(setting, 0)], "cpu")
    assert found.curves["zoo"] == [0] * 4 + [1] * 4
    for name in ("test_accuracy", "plain_pca_x", "aligned_tsne_y"):
        assert len(found.curves[name]) == 8
    assert found.metrics["diverged"] == 0 and found.metrics["separation"] > 0
    assert found.metrics["accuracy"] == pytest.approx(sum(found.curves["test_accuracy"]) / 8)
    assert len(found.curves["spreads"]) == 2 * len(setting.zoos[0].architecture.shapes)
