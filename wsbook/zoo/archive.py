"""Zoos on this machine's shelf, in shards of models that were trained together.

A shard is a small zoo, in one safetensors file that is found by what made it: its parameters and the code.
Shards have as many models as train best together, and zoos that differ only in their number of models share
them. What is missing is trained; a damaged shard is
named and left out until it is deleted.
"""

import warnings
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.study.progress import progress
from wsbook.study.shelf import Tensors, find, keep, shelf_name
from wsbook.zoo import training
from wsbook.zoo.setting import Zoo

SHARD = 20  # models
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
    return shelf_name(shard, 0, training.__name__)


def shards(zoo: Zoo) -> list[Zoo]:
    """Small zoos that together have the models of a zoo, and maybe some more; a model is called by its seed."""
    first, last = zoo.first_seed, zoo.first_seed + zoo.models
    return [replace(zoo, models=SHARD, first_seed=seed) for seed in range(first, last, SHARD)]


def members(zoo: Zoo, device: str = "cpu") -> Members:
    """All networks of a zoo: from the shelf, shard by shard, or trained here.

    Raises
        StudyError: if no shard can be read.
    """
    parts, rows = [], []
    for shard in progress(shards(zoo), desc=f"zoo of {zoo.data}", leave=False):
        try:
            if (found := find(file_name(shard))) is None:
                found = training.train_shard(shard, device)
                keep(file_name(shard), found)
        except StudyError as error:
            seeds = shard.seeds
            warnings.warn(f"models {seeds.start} to {seeds.stop - 1} are left out: {error}", DamagedShard)
            continue
        wanted = sum(seed in zoo.seeds for seed in shard.seeds)
        parts.append(found["weights"][:wanted])
        rows.append(tabulated(shard, found)[: wanted * shard.kept])
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
