"""Zoos on this machine's shelf, in shards of models that were trained together.

A shard is one safetensors file that is found by what made it: the zoo's parameters, its number, and the code.
What is missing is trained; a damaged shard is named and left out until it is deleted.
"""

import warnings
from dataclasses import dataclass
from functools import cache

import pandas as pd
import torch
from torch import Tensor

from wsbook.data.imageset import channel_statistics, standardise, stratified_split
from wsbook.data.registry import load, splits_of
from wsbook.errors import StudyError
from wsbook.study.progress import progress
from wsbook.study.shelf import Tensors, find, keep, shelf_name
from wsbook.zoo.growth import grow, learning_rates
from wsbook.zoo.pictures import grey, resized
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import STACK, Task, initial_weights
from wsbook.zoo.stacked import score

SPLIT_SEED = 0
PARTS = (0.7, 0.15, 0.15)  # of the models: to train, validate and test on


class DamagedShard(UserWarning):
    """A shard that cannot be read."""


@dataclass(frozen=True)
class Members:
    """The networks of a zoo."""

    zoo: Zoo
    weights: Tensor  # (M, E, P) of every model after each kept epoch
    table: pd.DataFrame  # a row for each model and kept epoch, in that order

    def part(self, number: int) -> "Members":
        """The models to train on (0), to validate on (1) or to test on (2), without those that diverged."""
        good = ~self.table.groupby("model", sort=False).diverged.any().to_numpy()
        models = torch.from_numpy(good.nonzero()[0])
        cuts = (torch.tensor(PARTS).cumsum(0) * len(models)).round().long()[:-1]
        chosen = models.tensor_split(cuts)[number]
        rows = self.table.model.isin(self.table.model.unique()[chosen.numpy()])
        return Members(self.zoo, self.weights[chosen], self.table[rows].reset_index(drop=True))


def file_name(zoo: Zoo, shard: int) -> str:
    """Where a shard lies on the shelf."""
    return shelf_name(zoo, shard, __name__)


def shards(zoo: Zoo) -> list[range]:
    """The models of each shard; a model is called by its seed."""
    first, last = zoo.first_seed, zoo.first_seed + zoo.models
    return [range(i, min(i + STACK, last)) for i in range(first, last, STACK)]


@cache
def task(data: str, images: int, side: int) -> Task:
    """Grey images of side x side, standardised by the statistics of the training part.

    Sets with validation images come in fixed parts. Of others at most `images` images are drawn to train on
    and half as many to validate on, or two thirds and one third of those there are; the test split is used
    whole.
    """
    if "val" in splits_of(data):
        parts = [load(data, split) for split in ("train", "val", "test")]
        pixels, labels = [p.images for p in parts], [p.labels for p in parts]
    else:
        source, test = load(data, "train"), load(data, "test")
        share = min(images / len(source.labels), 2 / 3)
        generator = torch.Generator().manual_seed(SPLIT_SEED)
        fractions = (share, share / 2, 1 - 1.5 * share)
        picked = stratified_split(source.labels, fractions, generator)[:2]
        pixels = [*(source.images[i] for i in picked), test.images]
        labels = [*(source.labels[i] for i in picked), test.labels]
    pixels = [resized(grey(p), side) for p in pixels]
    mean, std = channel_statistics(pixels[0])
    return Task(*((standardise(p, mean, std).contiguous(), y) for p, y in zip(pixels, labels)))


def train_shard(zoo: Zoo, models: range, device: str) -> Tensors:
    """Weights (m, E, P), losses and accuracies (m, E) of the kept epochs, and learning rates (m,)."""
    spec, on = zoo.spec, task(zoo.data, zoo.images, zoo.spec.side)
    on = Task(*((x.to(device), y.to(device)) for x, y in (on.train, on.val, on.test)))
    generators = [torch.Generator().manual_seed(seed) for seed in models]
    lr = learning_rates(zoo, generators)
    start = initial_weights(spec, generators).to(device)
    epochs = progress(grow(spec, start, on.train, zoo, lr, generators), total=zoo.epochs, leave=False)
    kept = list(epochs)[-zoo.kept :]
    found = {"weights": [], "loss": [], "val_accuracy": [], "test_accuracy": []}
    for weights, loss in kept:
        found["weights"].append(weights)
        found["loss"].append(loss)
        for part in ("val", "test"):
            found[f"{part}_accuracy"].append(score(spec, weights, *getattr(on, part))[0].float())
    return {name: torch.stack(rows, dim=1).cpu() for name, rows in found.items()} | {"lr": lr}


def members(zoo: Zoo, device: str = "cpu") -> Members:
    """All networks of a zoo: from the shelf, shard by shard, or trained here.

    Raises
        StudyError: if no shard can be read.
    """
    parts, rows = [], []
    for number, models in enumerate(progress(shards(zoo), desc=f"zoo of {zoo.data}", leave=False)):
        try:
            if (shard := find(file_name(zoo, number))) is None:
                shard = train_shard(zoo, models, device)
                keep(file_name(zoo, number), shard)
        except StudyError as error:
            warnings.warn(f"models {models.start} to {models.stop - 1} are left out: {error}", DamagedShard)
            continue
        parts.append(shard["weights"])
        rows.append(tabulated(shard, models, zoo))
    if not parts:
        raise StudyError(f"no shard of the zoo of {zoo.data} can be read; delete them, then run again.")
    return Members(zoo, torch.cat(parts), pd.concat(rows, ignore_index=True))


def tabulated(shard: Tensors, models: range, zoo: Zoo) -> pd.DataFrame:
    """A row for each model and kept epoch."""
    count = shard["weights"].shape[1]
    table = pd.DataFrame({"model": [m for m in models for _ in range(count)]})
    table["epoch"] = [*range(zoo.epochs - count + 1, zoo.epochs + 1)] * len(models)
    table["lr"] = shard["lr"].repeat_interleave(count).numpy()
    for name in ("loss", "val_accuracy", "test_accuracy"):
        table[name] = shard[name].flatten().numpy()
    table["diverged"] = ~shard["weights"].isfinite().all(-1).flatten().numpy()
    return table
