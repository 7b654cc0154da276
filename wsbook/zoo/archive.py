"""Zoos on this machine's shelf, in shards of models that were trained together.

A shard is a small zoo, in one safetensors file that is found by what made it: its parameters and the code.
A note beside it says what these were. Zoos that differ only in their number of models share shards, and a zoo
that ends within a shard takes its first models. What is missing is trained; a damaged shard is named and left
out until it is deleted.
"""

import time
import warnings
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.study import shelf
from wsbook.study.progress import progress
from wsbook.study.provenance import provenance
from wsbook.study.shelf import Tensors, code_of, find, keep, shelf_name
from wsbook.zoo import training
from wsbook.zoo.notes import write_note
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
        chosen = split(self.table)[number]
        rows = self.table.model.isin(self.table.model.unique()[chosen.numpy()])
        return Members(self.zoo, self.weights[chosen], self.table[rows].reset_index(drop=True))


def split(table: pd.DataFrame) -> tuple[Tensor, Tensor, Tensor]:
    """Places among the models of a table: to train, to validate and to test on; none that diverged."""
    good = ~table.groupby("model", sort=False).diverged.any().to_numpy()
    models = torch.from_numpy(good.nonzero()[0])
    cuts = (torch.tensor(PARTS).cumsum(0) * len(models)).round().long()[:-1]
    return models.tensor_split(cuts)


def file_name(shard: Zoo) -> str:
    """Where a shard lies on the shelf."""
    return shelf_name("zoo", shard, 0)


def shards(zoo: Zoo) -> list[Zoo]:
    """Small zoos with the models of a zoo; a model is called by its seed."""
    first, last = zoo.first_seed, zoo.first_seed + zoo.models
    return [
        replace(zoo, models=min(SHARD, last - seed), first_seed=seed) for seed in range(first, last, SHARD)
    ]


def stored(shard: Zoo) -> Tensors | None:
    """A shard from the shelf, or the first models of a longer one with the same start; None if neither is there."""
    found = find(file_name(shard))
    if found is None and (longer := find(file_name(replace(shard, models=SHARD)))):
        found = {name: tensor[: shard.models] for name, tensor in longer.items()}
    return found


def members(zoo: Zoo, device: str = "cpu") -> Members:
    """All networks of a zoo: from the shelf, shard by shard, or trained here.

    Raises
        StudyError: if no shard can be read, the images are not at hand, or the disk is full.
    """
    parts, rows = [], []
    for shard in progress(shards(zoo), desc=f"zoo of {zoo.data}", leave=False):
        try:
            found = stored(shard)
        except StudyError as error:
            seeds = shard.seeds
            warnings.warn(f"models {seeds.start} to {seeds.stop - 1} are left out: {error}", DamagedShard)
            continue
        found = found or train(shard, device)
        parts.append(found["weights"])
        rows.append(tabulated(shard, found))
    if not parts:
        raise StudyError(f"no shard of the zoo of {zoo.data} can be read; delete them, then run again.")
    return Members(zoo, torch.cat(parts), pd.concat(rows, ignore_index=True))


def train(shard: Zoo, device: str) -> Tensors:
    """Train a shard, and put it on the shelf of this machine with a note.

    Raises
        StudyError: if the disk refuses.
    """
    start = time.perf_counter()
    trained = training.train_shard(shard, device)
    facts = provenance(device, code_of("zoo"), time.perf_counter() - start)
    keep(file_name(shard), trained)
    write_note(shelf.RUNS / "weights" / file_name(shard), shard, facts)
    return trained


def tabulated(shard: Zoo, found: Tensors) -> pd.DataFrame:
    """A row for each model and kept epoch of a shard."""
    table = pd.DataFrame({"model": [seed for seed in shard.seeds for _ in range(shard.kept)]})
    table["epoch"] = [*range(shard.epochs - shard.kept + 1, shard.epochs + 1)] * shard.models
    table["lr"] = found["lr"].repeat_interleave(shard.kept).numpy()
    for name in ("loss", "val_accuracy", "test_accuracy"):
        table[name] = found[name].flatten().numpy()
    table["diverged"] = ~found["weights"].isfinite().all(-1).flatten().numpy()
    return table
