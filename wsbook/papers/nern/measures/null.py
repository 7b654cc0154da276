"""Measure networks whose kernels carry noise of a given size: what choosing among evaluations alone gives.

An evaluation of a copied network on test images differs from the original's for no other reason than
that the weights differ a little. Here they differ at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from wsbook.errors import StudyError
from wsbook.nets.originals import original
from wsbook.papers.nern.method.network import accuracy, original_accuracy
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.smoothing import add_noise


@dataclass(frozen=True)
class Null:
    """Gaussian noise on all predicted weights; the seed is the number of the draw."""

    network: str = "resnet20-cifar10"
    size: float = 0.0033  # root mean square, as L_recon

    def __post_init__(self) -> None:
        if not self.size > 0:
            raise StudyError(f"the size of noise must be positive, not {self.size}.")


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Test accuracy with noisy kernels, and its difference to the original's."""
    return [_measure(cell.setting, cell.seed) for cell in cells]


def _measure(setting: Null, draw: int) -> Measured:
    source = original(setting.network)
    frame, generator = source.frame, torch.Generator().manual_seed(draw)
    kernels = frame.values.clone()
    kernels[frame.present] = add_noise(frame.values[frame.present], setting.size, generator)
    found = accuracy(source, kernels, "test")
    metrics = {"test_accuracy": found, "gain": found - original_accuracy(source.name, "test")}
    return Measured(metrics, {}, source.fingerprints("test"))
