"""Measure how well autoencoders reconstruct networks like those of their zoos that they have not seen."""

from collections.abc import Sequence
from statistics import fmean

from scipy.stats import wasserstein_distance
from torch import Tensor

from wsbook.sane.autoencoders import Fitted, fitted
from wsbook.sane.losses import reconstruction_loss
from wsbook.sane.setting import Training
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.flatten import Shapes, unflatten
from wsbook.weights.tokens import tokens
from wsbook.zoo.archive import members


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: means over its zoos, and their values as curves in the order of `data`."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def errors(found: Fitted, vectors: Tensor, rebuilt: Tensor) -> dict[str, float]:
    """Errors of rebuilt weight vectors (N, P): relative to their norm, relative to the spread of each token, and
    relative to what the mean of the training networks leaves (1 means no better than that mean)."""
    at = found.layout
    mask, layers = (t.expand(len(vectors), *t.shape) for t in (at.mask, at.positions[:, 1]))
    pair = (tokens(rebuilt, at), tokens(vectors, at))
    left = (vectors - found.training.mean(0)).square().sum()
    return {
        "relative_error": ((rebuilt - vectors).norm(dim=1) / vectors.norm(dim=1)).mean().item(),
        "token_error": reconstruction_loss(*pair, mask, layers, "token").item(),
        "unexplained": ((rebuilt - vectors).square().sum() / left).item(),
    }


def distributions(shapes: Shapes, vectors: Tensor, rebuilt: Tensor) -> dict[str, float]:
    """How the distribution of weights changed, averaged over tensors: the ratio of standard deviations, and the
    Wasserstein distance in units of the original's standard deviation."""
    pairs = list(zip(unflatten(vectors, shapes).values(), unflatten(rebuilt, shapes).values()))
    ratios = [(after.std() / before.std()).item() for before, after in pairs]
    moved = [
        wasserstein_distance(before.flatten().numpy(), after.flatten().numpy()) / before.std().item()
        for before, after in pairs
    ]
    return {"spread_ratio": fmean(ratios), "distribution_distance": fmean(moved)}


def _measure(setting: Training, seed: int, device: str) -> Measured:
    rows = []
    for number, zoo in enumerate(setting.zoos):
        found = fitted(setting, seed, device, number)
        vectors = members(setting.fresh_zoo(zoo)).weights[:, -1]
        rebuilt = found.decode(found.encode(vectors))
        on = zoo.task
        rows.append(
            {
                "original": found.network.score(vectors, on, "test")[0].mean().item(),
                "rebuilt": found.network.score(rebuilt, on, "test")[0].mean().item(),
                "rebuilt_val": found.network.score(rebuilt, on, "val")[0].mean().item(),
                **errors(found, vectors, rebuilt),
                **distributions(found.network.shapes, vectors, rebuilt),
            }
        )
    names = list(rows[0])
    metrics = {name: fmean(row[name] for row in rows) for name in names}
    return Measured(metrics, {f"{name}_by_zoo": [row[name] for row in rows] for name in names})
