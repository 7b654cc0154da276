"""Measure the loss on planes through three networks with the same layers: figures 10 and 11."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.evaluate import Score, evaluate
from wsbook.nets.folding import folded
from wsbook.nets.originals import Original, original
from wsbook.papers.nern.measures.distilled import kernels_of
from wsbook.papers.nern.measures.robust import stride
from wsbook.papers.nern.measures.rounds import Round, made
from wsbook.papers.nern.method.network import rebuilt
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell, Measured
from wsbook.study.progress import progress
from wsbook.weights.landscape import plane_through, state_at

MARGIN = 0.35  # around the three networks, of the distance between the outermost
ALONG = 9  # places on a side of the triangle between them


@dataclass(frozen=True)
class Methods(Distillation):
    """The plane through the original, and its predictions after joint and after decoupled training."""

    joint_lr: float = 5e-3  # the joint training's; all else is as in the decoupled one
    points: int = 17  # along each axis

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.points)

    @property
    def decoupled(self) -> Distillation:
        """The decoupled training."""
        own = {field.name for field in fields(Distillation)}
        return Distillation(**{name: value for name, value in asdict(self).items() if name in own})

    @property
    def joint(self) -> Distillation:
        """The joint training."""
        return replace(self.decoupled, reconstruction=1.0, kd=1e-4, fmd=1e-4, lr=self.joint_lr)

    def networks(self, seed: int, device: str) -> list[Tensor]:
        """Kernels (N, 9) of the original, after joint, and after decoupled training."""
        trained = [kernels_of(setting, seed, device) for setting in (self.joint, self.decoupled)]
        return [original(self.network).frame.values, *trained]


@dataclass(frozen=True)
class Rounds(Round):
    """The plane through the original, the first and this progressive round."""

    points: int = 17  # along each axis

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self.points)
        if self.number == 1:
            raise StudyError("a plane needs a later round than the first; ask for number 2 or more.")

    def networks(self, seed: int, device: str) -> list[Tensor]:
        """Kernels (N, 9) of the original, of the first round, and of this one."""
        own = {field.name for field in fields(Round)}
        last = Round(**{name: value for name, value in asdict(self).items() if name in own})
        rounds = (replace(last, number=1, chosen="last"), last)
        return [original(self.network).frame.values, *(made(r, seed, device) for r in rounds)]


def check(points: int) -> None:
    """Raises StudyError unless a picture of `points` places a side shows anything."""
    if points < 2:
        raise StudyError(f"a plane needs at least 2 points along each axis, not {points}.")


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell, see `survey`."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def _measure(setting: Methods | Rounds, seed: int, device: str) -> Measured:
    source = original(setting.network)
    metrics, curves = survey(source, setting.networks(seed, device), setting.points)
    return Measured(metrics, curves, source.fingerprints("test"))


def survey(
    source: Original, networks: Sequence[Tensor], points: int
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Cross-entropy over a grid of points x points, row by row upwards, and on the sides of the triangle.

    Scalars: the losses at the three networks, the lowest on the grid, and the barriers: by how much the
    loss on a side rises above the higher of its ends, 0 if it does not.
    """
    origin, along, places = plane_through([{"kernels": kernels} for kernels in networks])

    def loss(x: float, y: float) -> float:
        return score(source, state_at(origin, along, x, y)["kernels"]).loss

    x, y = axes(places, points)
    rows = progress(y, desc="landscape", unit="row", leave=False)
    surface = [loss(i, j) for j in rows for i in x]
    ends = [loss(*place.tolist()) for place in places]
    metrics = dict(zip(("loss_original", "loss_second", "loss_third"), ends))
    metrics |= {"lowest": min(surface)}
    for name, a, b in (("second", 0, 1), ("third", 0, 2), ("between", 1, 2)):
        side = [torch.lerp(places[a], places[b], t) for t in torch.linspace(0, 1, ALONG).tolist()]
        metrics[f"barrier_{name}"] = max(loss(*p.tolist()) for p in side) - max(ends[a], ends[b])
    return metrics, {"x": x, "y": y, "surface": surface, "places": places.flatten().tolist()}


def axes(places: Tensor, points: int) -> tuple[list[float], list[float]]:
    """Evenly spaced coordinates of the grid: the box around the three places (3, 2), and a margin."""
    low, high = places.min(0).values, places.max(0).values
    margin = MARGIN * (high - low).max()
    ends = zip((low - margin).tolist(), (high + margin).tolist())
    return tuple(torch.linspace(*pair, points).tolist() for pair in ends)


def score(source: Original, kernels: Tensor) -> Score:
    """Score on the test images that robustness is measured on, of CIFAR-10 a tenth."""
    inputs, labels = source.inputs("test")
    every = stride(len(labels))
    return evaluate(folded(rebuilt(source, kernels)), inputs[::every], labels[::every])
