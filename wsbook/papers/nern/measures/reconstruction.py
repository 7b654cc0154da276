"""Measure predictors trained on the reconstruction loss alone: figures 1, 2, 4, tables 2 and 11."""

from collections.abc import Sequence

from wsbook.nets.originals import original
from wsbook.papers.nern.measures.assess import assess
from wsbook.papers.nern.method.fitted import file_name, follow, targets_of
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.experiment import Cell, Measured
from wsbook.study.shelf import Checkpoint


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell, see `assess`."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def _measure(setting: Reconstruction, seed: int, device: str) -> Measured:
    source = original(setting.network)
    trajectory = follow(setting, seed, device)
    result = assess(source, targets_of(source, setting.order, device), setting.hidden, trajectory)
    Checkpoint(file_name(setting, seed)).discard()
    return Measured(result.metrics, result.curves, result.data, trajectory.earlier)
