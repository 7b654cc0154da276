"""Measure predictors trained on images: decoupled training, NeRN, strong teachers, noise inputs.

Tables 2, 3, 4, 6, 7 and 8, figures 4 and 6. Accuracy is taken before the training and at five
points of it.
"""

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from wsbook.nets.originals import original, teacher
from wsbook.papers.nern.measures.assess import assess, halves
from wsbook.papers.nern.measures.layers import layer_distances
from wsbook.papers.nern.method.distillation import LOSSES, Distilled, distil
from wsbook.papers.nern.method.fitted import predict, targets_of, trained
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell, Measured
from wsbook.study.progress import progress
from wsbook.study.shelf import Checkpoint, keep, kept_as, shelf_name

BINS = 20  # of a curve of losses


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: accuracies, distances and S_ratio by layer, losses and their course."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def file_name(setting: Distillation, seed: int) -> str:
    """Where the predictor of a setting and seed lies on the shelf."""
    return shelf_name("distilled", setting, seed)


@kept_as("distilled")
def follow(setting: Distillation, seed: int, device: str) -> Distilled:
    """Train a predictor, going on where an earlier try stopped; the last one goes on the shelf.

    Seeds are shared with the first phase: trainings of one seed start from the same predictor.
    """
    source = original(setting.network)
    start = trained(setting.first, seed, device) if setting.first_steps else None
    distilled = distil(
        source,
        targets_of(source, setting.order, device),
        setting,
        torch.Generator(device).manual_seed(seed),
        start,
        teacher(setting.teacher, device) if setting.teacher else None,
        Checkpoint(file_name(setting, seed)),
        partial(progress, desc=f"h = {setting.hidden}, seed {seed}", unit="step", leave=False),
    )
    keep(file_name(setting, seed), {"predictor": distilled.trajectory.vectors[-1].half()})
    return distilled


def _measure(setting: Distillation, seed: int, device: str) -> Measured:
    source = original(setting.network)
    distilled = follow(setting, seed, device)
    targets = targets_of(source, setting.order, device)
    result = assess(source, targets, setting.hidden, distilled.trajectory)
    ends = distilled.trajectory.vectors[[0, -1]].to(device)
    moved = layer_distances(source, *(predict(setting.hidden, v, targets) for v in ends))
    metrics = result.metrics | halves("layer_moved", moved)
    metrics["start_accuracy"] = result.curves["test_course"][0]
    Checkpoint(file_name(setting, seed)).discard()
    curves = result.curves | {"layer_moved": moved} | loss_curves(distilled.losses)
    return Measured(metrics, curves, result.data, distilled.trajectory.earlier)


def loss_curves(losses: Tensor) -> dict[str, list[float]]:
    """Each loss of a table (steps, 3) that was taken, as means over twentieths of the training."""
    bins = losses.tensor_split(min(BINS, len(losses)))
    curves = {name: [part[:, i].mean().item() for part in bins] for i, name in enumerate(LOSSES)}
    return {f"loss_{name}": curve for name, curve in curves.items() if not math.isnan(curve[0])}
