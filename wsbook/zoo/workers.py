"""Training what a zoo lacks on the shelf: one shard after another, or one process a core."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from wsbook.errors import StudyError
from wsbook.study import shelf
from wsbook.study.device import check_device
from wsbook.study.matmul import fast_products
from wsbook.study.progress import progress
from wsbook.study.run import spread, steady_process, steady_worker
from wsbook.zoo import archive
from wsbook.zoo.archive import file_name, shards, train
from wsbook.zoo.inventory import accuracy_in
from wsbook.zoo.notes import read_note, write_note
from wsbook.zoo.setting import Zoo


def complete(zoo: Zoo, jobs: int = 1, device: str = "cpu") -> int:
    """Train the shards that a zoo lacks on the shelf; returns how many models were trained.

    Shards that have no note get one. A shard is on the shelf as soon as it is done: an interruption
    loses at most those at work.

    Raises
        StudyError: for jobs <= 0, an unusable device, images that are not at hand, damaged shards, or a
            full disk.
    """
    check_device(device)
    if jobs <= 0:
        raise StudyError(f"--jobs must be positive, not {jobs}.")
    there = {shard: path for shard in shards(zoo) if (path := _path(shard))}
    if damaged := [str(path) for path in there.values() if accuracy_in(path) is None]:
        raise StudyError(f"{', '.join(damaged)} cannot be read; delete what is damaged, then run again.")
    for shard, path in there.items():
        if path.name == file_name(shard) and read_note(path) is None:  # a longer one has its own note
            write_note(path, shard)
    missing = [shard for shard in shards(zoo) if shard not in there]
    if missing:
        _ = zoo.task  # refuses what cannot be trained on
    total = sum(shard.models for shard in missing)
    with progress(total=total, desc=f"zoo of {zoo.data}", unit="model") as bar:
        for models in _finished(missing, min(jobs, len(missing)), device):
            bar.update(models)
    return total


def _path(shard: Zoo) -> Path | None:
    """The file of a shard, or of a longer one with the same start, if it is on the shelf."""
    folders = [folder / "weights" for folder in (shelf.RUNS, shelf.RESULTS)]
    names = [file_name(shard), file_name(replace(shard, models=archive.SHARD))]
    return next((path for name in names for folder in folders if (path := folder / name).is_file()), None)


def _train(shard: Zoo, device: str) -> int:
    """Train one shard; returns the number of its models, since what crosses processes should be small."""
    with fast_products(device):
        train(shard, device)
    return shard.models


def _finished(missing: Sequence[Zoo], jobs: int, device: str) -> Iterator[int]:
    """Train shards on `jobs` processes (in this one if jobs is 1), yielding models as they finish."""
    if jobs <= 1:
        steady_process()
        yield from (_train(shard, device) for shard in missing)
    else:
        yield from spread(partial(_train, device=device), missing, jobs, _quiet_worker)


def _quiet_worker() -> None:
    """A worker that shows no progress of its own: the bars of several would write over each other."""
    os.environ["CI"] = "true"
    steady_worker()
