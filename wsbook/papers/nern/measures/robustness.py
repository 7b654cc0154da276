"""Measure robustness before and after a second training: rows OOD, FGSM and I-FGSM of table 2."""

from collections.abc import Sequence

from wsbook.nets.originals import original
from wsbook.papers.nern.measures.distilled import kernels_of
from wsbook.papers.nern.measures.robust import original_robust_accuracy, robust_accuracy
from wsbook.papers.nern.method.fitted import predict, targets_of, trained
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell, Measured


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: accuracies, those of reconstruction alone ("start_…"), and the original's."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def _measure(setting: Distillation, seed: int, device: str) -> Measured:
    source = original(setting.network)
    targets = targets_of(source, setting.order, device)
    start = predict(setting.hidden, trained(setting.first, seed, device).to(device), targets).cpu()
    metrics = robust_accuracy(source, kernels_of(setting, seed, device))
    metrics |= {f"start_{name}": value for name, value in robust_accuracy(source, start).items()}
    metrics |= {f"original_{k}": v for k, v in original_robust_accuracy(source.name).items()}
    return Measured(metrics, {}, source.fingerprints("test"))
