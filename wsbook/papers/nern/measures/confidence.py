"""Measure how sure of themselves predicted networks are: whether a lower loss means better decisions.

Cross-entropy falls when a network decides better, and also when it is less sure where it errs. Dividing all logits by
one number, a temperature, changes how sure a network is and none of its decisions (Guo et al., 2017). At the temperature
that suits each best, only decisions are left to compare. It is fitted on every second test image and applied to the
others, and the other way round: the originals have seen all training images, those to validate on, too.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from torch import Tensor

from wsbook.nets.evaluate import BATCH
from wsbook.nets.folding import folded
from wsbook.nets.originals import Original, original
from wsbook.papers.nern.measures.distilled import kernels_of
from wsbook.papers.nern.measures.rounds import Round, made
from wsbook.papers.nern.method.fitted import predict, targets_of, trained
from wsbook.papers.nern.method.network import rebuilt
from wsbook.papers.nern.setting import Distillation, Reconstruction
from wsbook.study.experiment import Cell, Measured

TEMPERATURES = (0.05, 20.0)  # searched between these


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell, a training on reconstruction, a progressive round or a second training: what `confidence`
    finds in the network that it leads to and, as original_NAME, in the original; and the share of images that only one
    of the two gets right."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def logits(source: Original, kernels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (N, classes), float64, and labels (N,) of the test images, with kernels (N, 9) in the original's place."""
    net = folded(rebuilt(source, kernels))
    inputs, labels = source.inputs("test")
    with torch.inference_mode():
        return torch.cat([net(part) for part in inputs.split(BATCH)]).double(), labels


def temperature(found: Tensor, labels: Tensor) -> float:
    """The number that logits (N, classes) are best divided by: of least cross-entropy."""
    at = minimize_scalar(
        lambda log: F.cross_entropy(found / math.exp(log), labels).item(),
        bounds=tuple(map(math.log, TEMPERATURES)),
        method="bounded",
        options={"xatol": 1e-4},
    )
    return math.exp(at.x)


def confidence(found: Tensor, labels: Tensor) -> dict[str, float]:
    """Of logits (N, classes) for images with labels (N,): accuracy; loss, the mean cross-entropy in nats; certainty, the
    mean probability of the class that is chosen; temperature; and tempered_loss, at the temperature of the other half
    of the images."""
    halves = [(found[start::2], labels[start::2]) for start in (0, 1)]
    fitted = [temperature(*half) for half in halves]
    tempered = [F.cross_entropy(out / by, truth) for (out, truth), by in zip(halves, reversed(fitted))]
    return {
        "accuracy": (found.argmax(1) == labels).double().mean().item(),
        "loss": F.cross_entropy(found, labels).item(),
        "certainty": found.softmax(1).amax(1).mean().item(),
        "temperature": sum(fitted) / 2,
        "tempered_loss": (sum(tempered) / 2).item(),
    }


def _reached(setting: Reconstruction | Round | Distillation, seed: int, device: str) -> Tensor:
    """The kernels (N, 9) that a setting leads to, by predictors as the shelf holds them."""
    if isinstance(setting, Round):
        return made(setting, seed, device)
    if isinstance(setting, Distillation):
        return kernels_of(setting, seed, device)
    targets = targets_of(original(setting.network), setting.order, device)
    return predict(setting.hidden, trained(setting, seed, device).to(device), targets).cpu()


def _measure(setting: Reconstruction | Round | Distillation, seed: int, device: str) -> Measured:
    source = original(setting.network)
    before, labels = logits(source, source.frame.values)
    after, _ = logits(source, _reached(setting, seed, device))
    metrics = confidence(after, labels)
    metrics |= {f"original_{name}": value for name, value in confidence(before, labels).items()}
    right, was_right = (found.argmax(1) == labels for found in (after, before))
    metrics["one_right"] = (right != was_right).double().mean().item()
    return Measured(metrics, {}, source.fingerprints("test"))
