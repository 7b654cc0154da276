"""Paper A on real weights: kernels of a trained ResNet, and whole small networks from a zoo trained here."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

import torch

from wsbook.data.imageset import standardise
from wsbook.data.registry import load
from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS, CNN_S
from wsbook.nets.evaluate import evaluate
from wsbook.nets.resnet import MEAN, STD, fused, load_resnet
from wsbook.nets.train import Recipe
from wsbook.papers.primitives.measures.trained import rounded
from wsbook.papers.primitives.method.kernels import METHODS, kernel_dictionary_curve
from wsbook.papers.primitives.method.networks import (
    Tuning,
    code_tuning,
    interpolation,
    split_zoo,
    zoo_reconstruction,
)
from wsbook.papers.primitives.method.synthetic import stream
from wsbook.study.experiment import Cell, Measured
from wsbook.zoo.small import Population, Task, task, train_population

BUDGETS = (1.6, 2.1, 3.1, 4.1, 5.1)  # bits a weight; .1 above what codebooks of whole bits take
SEEDLESS = ("svd", "svd-layer", "kmeans-scalar")  # codecs that draw nothing
SPECS = {"digits": CNN_DIGITS, "mnist": CNN_S}
RECIPES = {"digits": Recipe(30, lr=1e-2, batch=32), "mnist": Recipe(2, lr=3e-3, batch=64)}


@dataclass(frozen=True)
class KernelSetting:
    """A trained CIFAR-10 ResNet and the codec that its 3x3 kernels go through."""

    depth: int = 20  # of the ResNet: 20 or 56
    method: str = "dictionary"  # one of METHODS

    def __post_init__(self) -> None:
        if self.depth not in (20, 56):
            raise StudyError(f"depth must be 20 or 56, not {self.depth}.")
        if self.method not in METHODS:
            raise StudyError(f"method must be one of {', '.join(METHODS)}, not {self.method!r}.")


@dataclass(frozen=True)
class ZooSetting:
    """A zoo of small CNNs, and how its held-out members are taken apart."""

    data: str = "digits"  # images that the networks are trained on: digits or mnist
    models: int = 40
    held: int = 10  # models that no dictionary sees
    atoms: int = 16
    sparsity: int = 4  # atoms a code may use
    start: str = "own"  # every network from its own initial weights, or all from "shared" ones
    aligned: bool = False  # neurons permuted to match a reference network

    def __post_init__(self) -> None:
        if self.data not in SPECS:
            raise StudyError(f"data must be one of {', '.join(SPECS)}, not {self.data!r}.")
        if self.start not in ("own", "shared"):
            raise StudyError(f"start must be own or shared, not {self.start!r}.")
        if not 2 <= self.held <= self.models - 2:
            raise StudyError(
                f"held must lie between 2 and models - 2, not be {self.held} of {self.models}."
            )
        if not 1 <= self.sparsity <= self.atoms <= self.models - self.held:
            raise StudyError(
                "sparsity <= atoms <= models - held must hold, which "
                f"{self.sparsity}, {self.atoms}, {self.models - self.held} do not."
            )


def measure_kernels(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Bits, error and CIFAR-10 test accuracy by budget; metrics NAME_BUDGET, curves in `BUDGETS` order.

    A budget that the codec cannot meet has nan.
    """
    images = load("cifar10", "test")
    inputs, labels = standardise(images.images, MEAN, STD).to(device), images.labels.to(device)
    known: dict[KernelSetting, Measured] = {}
    original: dict[int, float] = {}
    results = []
    for cell in cells:
        setting = cell.setting
        if setting.method not in SEEDLESS or setting not in known:
            net = load_resnet(setting.depth).to(device)
            if setting.depth not in original:
                original[setting.depth] = evaluate(fused(net), inputs, labels).accuracy
            generator = stream(cell.seed, f"codec/{setting.method}")
            rows = kernel_dictionary_curve(net, setting.method, BUDGETS, inputs, labels, generator)
            read = {
                "cifar10/test": images.fingerprint[:12],
                f"resnet{setting.depth}": fingerprint(net),
            }
            known[setting] = by_budget(rows, original[setting.depth], read)
        results.append(known[setting])
    return results


def fingerprint(net: torch.nn.Module) -> str:
    """Twelve hexadecimal digits of the SHA-256 of all parameters and buffers, in order of their names."""
    digest = hashlib.sha256()
    for _, tensor in sorted(net.state_dict().items()):
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def by_budget(rows: Sequence[dict[str, float]], original: float, data: dict[str, str]) -> Measured:
    """Metrics accuracy_B and error_B for every budget B that could be met, and all as curves."""
    found = {row["budget"]: row for row in rows}
    nan = float("nan")
    curves = {
        name: [rounded(found[b][name]) if b in found else nan for b in BUDGETS]
        for name in ("bits", "error", "accuracy")
    }
    metrics = {
        f"{name}_{budget:g}": curves[name][place]
        for name in ("error", "accuracy")
        for place, budget in enumerate(BUDGETS)
    }
    return Measured(metrics | {"original_accuracy": original}, curves, data)


@lru_cache(maxsize=2)
def population(data: str, models: int, start: str, seed: int) -> tuple[Task, Population]:
    """A trained zoo; the cells of both alignments share it."""
    images = task(data, stream(seed, "images"))
    seeds = [seed * 1_000_000 + model for model in range(models)]
    shared = seed if start == "shared" else None
    return images, train_population(SPECS[data], images, RECIPES[data], seeds, shared_start=shared)


def measure_zoo(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Reconstruction, paths and code tuning of held-out networks; on the CPU."""
    return [measure_one_zoo(cell.setting, cell.seed) for cell in cells]


def measure_one_zoo(setting: ZooSetting, seed: int) -> Measured:
    """Metrics of `zoo_reconstruction`; barriers of `interpolation`; accuracies of `code_tuning`.

    NAME_midpoint is the accuracy half way along a path, NAME_barrier the mean over pairs of its
    deepest fall in accuracy below the line between its ends.
    """
    images, zoo = population(setting.data, setting.models, setting.start, seed)
    generator = stream(seed, "dictionary")
    split = split_zoo(SPECS[setting.data], zoo.weights, setting.held, setting.aligned, generator)
    size = (split, setting.atoms, setting.sparsity)
    metrics = dict(zoo_reconstruction(*size, images.test, generator))
    paths = interpolation(*size, images.test, generator)
    tuned = code_tuning(*size, images, Tuning(), generator)
    curves = {}
    for name, values in paths.items():
        if name.endswith("barrier"):
            metrics[name] = fmean(values)
        else:
            curves[f"path_{name}"] = values
            metrics[f"{name}_midpoint"] = values[len(values) // 2]
    for name, value in tuned.items():
        if isinstance(value, list):
            curves[f"tuning_{name}"] = value
        else:
            metrics[f"tuning_{name}"] = value
    metrics["zoo_accuracy"] = zoo.test_accuracy.mean().item()
    return Measured(
        {name: rounded(value) for name, value in metrics.items()},
        {name: [rounded(value) for value in curve] for name, curve in curves.items()},
    )
