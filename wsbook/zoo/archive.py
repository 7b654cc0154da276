"""Zoos on this machine's shelf, in shards of models that were trained together.

A shard is a small zoo, in one safetensors file that is found by what made it: its parameters and the code.
Zoos that differ only in their number of models share shards. What is missing is trained; a damaged shard is
named and left out until it is deleted.
"""

import warnings
from dataclasses import dataclass, replace
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
ONLY_TEST = ("kmnist",)  # the unseen set
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


def file_name(shard: Zoo) -> str:
    """Where a shard lies on the shelf."""
    return shelf_name(shard, 0, __name__)


def shards(zoo: Zoo) -> list[Zoo]:
    """Small zoos with the models of a zoo; a model is called by its seed."""
    first, last = zoo.first_seed, zoo.first_seed + zoo.models
    return [
        replace(zoo, models=min(STACK, last - seed), first_seed=seed) for seed in range(first, last, STACK)
    ]


@cache
def task(data: str, images: int, side: int) -> Task:
    """Grey images of side x side, standardised by the statistics of the training part.

    Sets with validation images come in fixed parts. Of others at most `images` images are drawn to train on
    and half as many to validate on, or two thirds and one third of those there are; the test split is used
    whole. KMNIST's test split, of which no network knows, is cut in three: .5, .25 and .25.
    """
    if "val" in splits_of(data):
        parts = [load(data, split) for split in ("train", "val", "test")]
        pixels, labels = [p.images for p in parts], [p.labels for p in parts]
    else:
        pixels, labels = _drawn(data, images)
    pixels = [resized(grey(p), side) for p in pixels]
    mean, std = channel_statistics(pixels[0])
    return Task(*((standardise(p, mean, std).contiguous(), y) for p, y in zip(pixels, labels)))


def _drawn(data: str, images: int) -> tuple[list[Tensor], list[Tensor]]:
    """Images and labels of the three parts."""
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    if data in ONLY_TEST:
        source = load(data, "test")
        parts = stratified_split(source.labels, (0.5, 0.25, 0.25), generator)
        return [source.images[i] for i in parts], [source.labels[i] for i in parts]
    source, test = load(data, "train"), load(data, "test")
    share = min(images / len(source.labels), 2 / 3)
    parts = stratified_split(source.labels, (share, share / 2, 1 - 1.5 * share), generator)[:2]
    pixels = [*(source.images[i] for i in parts), test.images]
    return pixels, [*(source.labels[i] for i in parts), test.labels]


def train_shard(zoo: Zoo, device: str) -> Tensors:
    """Weights (m, E, P), losses and accuracies (m, E) of the kept epochs, and learning rates (m,)."""
    spec, on = zoo.spec, task(zoo.data, zoo.images, zoo.spec.side)
    on = Task(*((x.to(device), y.to(device)) for x, y in (on.train, on.val, on.test)))
    generators = [torch.Generator().manual_seed(seed) for seed in zoo.seeds]
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
    for shard in progress(shards(zoo), desc=f"zoo of {zoo.data}", leave=False):
        try:
            if (found := find(file_name(shard))) is None:
                found = train_shard(shard, device)
                keep(file_name(shard), found)
        except StudyError as error:
            seeds = shard.seeds
            warnings.warn(f"models {seeds.start} to {seeds.stop - 1} are left out: {error}", DamagedShard)
            continue
        parts.append(found["weights"])
        rows.append(tabulated(shard, found))
    if not parts:
        raise StudyError(f"no shard of the zoo of {zoo.data} can be read; delete them, then run again.")
    return Members(zoo, torch.cat(parts), pd.concat(rows, ignore_index=True))


def tabulated(shard: Zoo, found: Tensors) -> pd.DataFrame:
    """A row for each model and kept epoch of a shard."""
    table = pd.DataFrame({"model": [seed for seed in shard.seeds for _ in range(shard.kept)]})
    table["epoch"] = [*range(shard.epochs - shard.kept + 1, shard.epochs + 1)] * shard.models
    table["lr"] = found["lr"].repeat_interleave(shard.kept).numpy()
    for name in ("loss", "val_accuracy", "test_accuracy"):
        table[name] = found[name].flatten().numpy()
    table["diverged"] = ~found["weights"].isfinite().all(-1).flatten().numpy()
    return table
