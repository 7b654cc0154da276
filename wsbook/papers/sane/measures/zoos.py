"""Measure what zoos look like: accuracies, weights, and where their networks lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from wsbook.study.experiment import Cell, Measured
from wsbook.weights.flatten import unflatten
from wsbook.weights.symmetry import align
from wsbook.zoo.archive import Members, members
from wsbook.zoo.setting import Zoo

PERPLEXITY = 15.0  # of t-SNE, for zoos of a few dozen networks


@dataclass(frozen=True)
class Gallery:
    """Zoos of one architecture, side by side."""

    data: str = "mnist"  # image sets, joined by +
    network: str = "cnn-s"
    models: int = 20  # of each zoo
    images: int = 10_000  # to train on
    epochs: int = 10
    kept: int = 5

    @property
    def zoos(self) -> list[Zoo]:
        """The zoos."""
        rest = (self.network, self.models, self.images, self.epochs, self.kept)
        return [Zoo(name, *rest) for name in self.data.split("+")]


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: accuracies of all networks of each zoo, spreads of their weights tensor by tensor, and
    maps of all networks by PCA and t-SNE, as they are and with their hidden units aligned to the first network."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def mapped(vectors: Tensor, seed: int) -> dict[str, np.ndarray]:
    """Weight vectors (M, P) in two dimensions (M, 2): their principal components, and t-SNE of up to 30 of these."""
    # here, for it takes a while to load, which whoever lists experiments need not wait for
    from sklearn.manifold import TSNE

    centred = (vectors - vectors.mean(0)).double()
    left, sizes, _ = torch.linalg.svd(centred, full_matrices=False)
    components = (left * sizes)[:, :30].numpy()
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return {"pca": components[:, :2], "tsne": tsne.fit_transform(components)}


def separation(vectors: Tensor, of: Tensor) -> float:
    """Mean distance of networks (M, P) of different zoos `of` (M,) over that of networks of one zoo."""
    distances = torch.cdist(vectors, vectors)
    same = of[:, None] == of
    pairs = ~torch.eye(len(of), dtype=torch.bool)
    return (distances[~same].mean() / distances[same & pairs].mean()).item()


def spreads(zoo: Members) -> list[float]:
    """Standard deviation of the weights of each parameter, over all networks after the last epoch."""
    tensors = unflatten(zoo.weights[:, -1], zoo.zoo.architecture.shapes)
    return [tensor.std().item() for tensor in tensors.values()]


def _measure(setting: Gallery, seed: int, device: str) -> Measured:
    zoos = [members(zoo, device) for zoo in setting.zoos]
    last = [zoo.weights[:, -1] for zoo in zoos]
    of = torch.repeat_interleave(torch.arange(len(zoos)), torch.tensor([len(part) for part in last]))
    plain, network = torch.cat(last), setting.zoos[0].architecture
    generator = torch.Generator().manual_seed(seed)
    aligned = align(plain, plain[0], network.shapes, network.units, generator)
    curves = {"zoo": of.tolist()}
    for name, vectors in {"plain": plain, "aligned": aligned}.items():
        for kind, points in mapped(vectors, seed).items():
            curves |= {f"{name}_{kind}_{axis}": points[:, k].tolist() for k, axis in enumerate("xy")}
    tables = [zoo.table[zoo.table.epoch == zoo.table.epoch.max()] for zoo in zoos]
    for name in ("test_accuracy", "val_accuracy", "loss"):
        curves[name] = [value for table in tables for value in table[name]]
    curves["spreads"] = [value for zoo in zoos for value in spreads(zoo)]
    metrics = {
        "accuracy": float(np.mean(curves["test_accuracy"])),
        "diverged": float(sum(table.diverged.sum() for table in tables)),
        "separation": separation(plain, of) if len(zoos) > 1 else float("nan"),
        "aligned_separation": separation(aligned, of) if len(zoos) > 1 else float("nan"),
    }
    return Measured(metrics, curves)
