"""Measure how well autoencoders reconstruct networks like those of their zoos that they have not seen."""

from collections.abc import Sequence
from statistics import fmean

from scipy.stats import wasserstein_distance
from torch import Tensor

from wsbook.papers.sane.method.components import rebuilt_linearly
from wsbook.papers.sane.method.losses import reconstruction_loss
from wsbook.papers.sane.method.trained import Fitted, fitted
from wsbook.papers.sane.setting import Training
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


def _measure_zoo(setting: Training, seed: int, device: str, number: int) -> dict[str, float]:
    """What the autoencoder does to new networks of one of its zoos, and the accuracy that as many principal
    components as it has latent numbers leave them."""
    found, zoo = fitted(setting, seed, device, number), setting.zoos[number]
    fresh, network = setting.fresh_zoo(zoo), found.network
    vectors = members(fresh).weights[:, -1]
    latents = found.encode(vectors)
    rebuilt = found.decode(latents)
    alike = tuple(other for other in setting.zoos if other.network == zoo.network)
    linear = rebuilt_linearly(alike, fresh, latents[0].numel())
    return {
        "original": network.score(vectors, zoo.task, "test")[0].mean().item(),
        "rebuilt": network.score(rebuilt, zoo.task, "test")[0].mean().item(),
        "rebuilt_val": network.score(rebuilt, zoo.task, "val")[0].mean().item(),
        "linear": network.score(linear, zoo.task, "test")[0].mean().item(),
        **errors(found, vectors, rebuilt),
        **distributions(network.shapes, vectors, rebuilt),
    }


def _measure(setting: Training, seed: int, device: str) -> Measured:
    rows = [_measure_zoo(setting, seed, device, number) for number in range(len(setting.zoos))]
    names = list(rows[0])
    metrics = {name: fmean(row[name] for row in rows) for name in names}
    return Measured(metrics, {f"{name}_by_zoo": [row[name] for row in rows] for name in names})
