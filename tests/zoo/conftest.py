"""A shelf of its own for every test of zoos."""

from pathlib import Path

import pytest

from wsbook.study import shelf


@pytest.fixture
def own_shelf(monkeypatch, tmp_path) -> Path:
    """The folder of finished tensors, below tmp_path."""
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shelf, "RESULTS", tmp_path / "results")
    return tmp_path / "runs" / "weights"
