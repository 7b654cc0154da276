"""Measure progressive rounds: predictors of networks that other predictors made.

Tables 1 and 10, figures 3 and 12. The first round reconstructs the original, every later one a network of the
round before, with a fresh predictor and a new order of the kernels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.originals import original
from wsbook.papers.nern.measures.assess import Assessment, assess, halves
from wsbook.papers.nern.measures.layers import layer_distances
from wsbook.papers.nern.measures.robust import original_robust_accuracy, robust_accuracy
from wsbook.papers.nern.method.embedding import points
from wsbook.papers.nern.method.fitted import predict
from wsbook.papers.nern.method.network import accuracy
from wsbook.papers.nern.method.reconstruction import Targets, Trajectory, reconstruct, rmse
from wsbook.papers.nern.setting import EPOCH, Reconstruction
from wsbook.study.experiment import Cell, Measured
from wsbook.study.progress import progress
from wsbook.study.shelf import Checkpoint, Tensors, find, keep, kept_as, shelf_name
from wsbook.weights.ordering import ordered_coordinates

TRIALS = 3  # of every round, among which the paper chooses the next target
CHOICES = ("last", "val", "test")


@dataclass(frozen=True)
class Round:
    """One round of progressive reconstruction; seeds are trials."""

    network: str = "resnet20-cifar10"
    hidden: int = 300
    number: int = 1  # of the round
    chosen: str = "last"  # network of the round before: the trial's own, or of all evaluations the best on
    #                       validation ("val") or test images ("test", as in the paper)
    steps: int = 350 * EPOCH
    batch: int = 4096
    lr: float = 5e-3

    def __post_init__(self) -> None:
        if self.number < 1:
            raise StudyError(f"rounds count from 1, not {self.number}.")
        if self.chosen not in CHOICES:
            raise StudyError(f"networks are chosen by {', '.join(CHOICES)}, not by {self.chosen!r}.")
        if self.number == 1 and self.chosen != "last":
            raise StudyError(
                "before the first round there is nothing to choose from; leave chosen at last."
            )

    @property
    def training(self) -> Reconstruction:
        """How a predictor is trained in this round."""
        return Reconstruction(self.network, self.hidden, self.steps, batch=self.batch, lr=self.lr)

    @property
    def before(self) -> "Round":
        """The round before this one, from the second on."""
        number = self.number - 1
        return replace(self, number=number, chosen="last" if number == 1 else self.chosen)


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: what `assess` finds against the original, the distance to it, robustness, and
    the accuracy of the target."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def file_name(setting: Round, trial: int) -> str:
    """Where what a trial made lies on the shelf."""
    return shelf_name("round", setting, trial)


@cache
def target(setting: Round, trial: int, device: str) -> Tensor:
    """The kernels (N, 9) that a round reconstructs."""
    if setting.number == 1:
        return original(setting.network).frame.values
    before, how = setting.before, setting.chosen
    if how != "last":
        scores = [reached(before, t, device)[f"{how}_score"].item() for t in range(TRIALS)]
        trial = max(range(TRIALS), key=lambda t: scores[t])
    return made(before, trial, device, how)


def made(setting: Round, trial: int, device: str, how: str = "last") -> Tensor:
    """The kernels (N, 9) that a trial reached: at its end, or where it did best on images of a part."""
    vector = reached(setting, trial, device)[how].float()
    return predict(setting.hidden, vector.to(device), targets_of_round(setting, trial, device)).cpu()


def targets_of_round(setting: Round, trial: int, device: str) -> Targets:
    """The kernels that a round reconstructs, at coordinates in their own order."""
    frame = replace(original(setting.network).frame, values=target(setting, trial, device))
    at = points(ordered_coordinates(frame, setting.training.order).to(device))
    return Targets(frame.values.to(device), frame.present.to(device), at)


def reached(setting: Round, trial: int, device: str) -> Tensors:
    """Predictors (P,) by how they are chosen, with their scores: from the shelf, or trained here."""
    name = file_name(setting, trial)
    if find(name) is None:
        follow(setting, trial, device)
    return find(name)


@kept_as("round")
def follow(setting: Round, trial: int, device: str) -> tuple[Assessment, float]:
    """Train a predictor, going on where an earlier try stopped: what it is worth, and the seconds spent
    earlier. What it reached goes on the shelf."""
    name, targets = file_name(setting, trial), targets_of_round(setting, trial, device)
    generator = torch.Generator(device).manual_seed(trial + 1000 * (setting.number - 1))
    watched = partial(progress, desc=f"round {setting.number}, trial {trial}", unit="step", leave=False)
    trajectory = reconstruct(targets, setting.training, generator, Checkpoint(name), watched)
    result = assess(original(setting.network), targets, setting.hidden, trajectory)
    keep(name, choices(result, trajectory))
    return result, trajectory.earlier


def choices(result: Assessment, trajectory: Trajectory) -> Tensors:
    """The last predictor, and those that did best on validation and on test images; ties go to the latest."""
    tensors = {"last": trajectory.vectors[-1].half()}
    for part in ("val", "test"):
        course = result.curves[f"{part}_course"]
        best = max(range(len(course)), key=lambda i: (course[i], i))
        tensors[part] = trajectory.vectors[best].half()
        tensors[f"{part}_score"] = torch.tensor(course[best])
    return tensors


def _measure(setting: Round, trial: int, device: str) -> Measured:
    source = original(setting.network)
    result, earlier = follow(setting, trial, device)
    before, kernels = target(setting, trial, device), made(setting, trial, device)
    metrics = result.metrics | halves("layer_moved", layer_distances(source, before, kernels))
    to_original = replace(targets_of_round(setting, trial, "cpu"), values=source.frame.values)
    metrics["distance"] = rmse(kernels, to_original).item()
    metrics["target_test"] = accuracy(source, before, "test")
    metrics |= robust_accuracy(source, kernels)
    metrics |= {f"original_{k}": v for k, v in original_robust_accuracy(source.name).items()}
    Checkpoint(file_name(setting, trial)).discard()
    return Measured(metrics, result.curves, result.data, earlier)
