"""Writing a zoo as a folder for others, in the format of `wsbook.zoo.exported`.

The folder takes its name when all of it is on the disk: half an export is never read. Memory holds one
shard and one file of weights at a time.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.study.shelf import read
from wsbook.weights.flatten import unflatten
from wsbook.zoo.archive import split, tabulated
from wsbook.zoo.card import card, described
from wsbook.zoo.exported import FORMAT, INDEX, TABLE, need_pyarrow
from wsbook.zoo.inventory import Shard, ShelvedZoo
from wsbook.zoo.setting import Zoo

FILE_BYTES = 2**28  # of weights in a file, unless a single network has more
PARTS = ("train", "val", "test")  # of the models
OF_ALL = ("models", "first_seed", "epochs", "kept")  # parameters that are not a model's own

Piece = tuple[Shard, slice]  # a shard, and which of its models are taken


def export(zoo: ShelvedZoo, folder: Path, models: int | None = None) -> pd.DataFrame:
    """Write a zoo, or its first `models` models by seed, to a new folder; returns its table.

    Raises
        StudyError: if the zoo is stale or damaged or has too few models, the folder is there already,
            pyarrow is not installed, or the disk refuses.
    """
    pieces = _pieces(zoo, models)
    if folder.exists():
        raise StudyError(f"{folder} is there already; name a new folder.")
    need_pyarrow()
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)  # left by an export that was cut off
    try:
        (unfinished / "weights").mkdir(parents=True)
        table = _write(unfinished, pieces)
        _flush(unfinished)
        unfinished.rename(folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise StudyError(f"could not write {folder} ({error}); free some space, then run again.") from error
    return table


def _pieces(zoo: ShelvedZoo, models: int | None) -> list[Piece]:
    """The first models by seed, each once: shards of zoos of different sizes share some."""
    if zoo.stale:
        raise StudyError(f"zoo {zoo.id} was made by other code than today's; train it again to export it.")
    if zoo.damaged:
        names = ", ".join(map(str, zoo.damaged))
        raise StudyError(f"{names} cannot be read; delete what is damaged, then train the zoo again.")
    seeds = list(zoo.accuracy)
    if not 0 < (count := len(seeds) if models is None else models) <= len(seeds):
        raise StudyError(f"zoo {zoo.id} has {len(seeds)} models, of which one cannot export {count}.")
    wanted, pieces = set(seeds[:count]), []
    for shard in zoo.shards:  # by their first seeds, so that what is left of each is in one piece
        if rows := [row for row, seed in enumerate(shard.seeds) if seed in wanted]:
            pieces.append((shard, slice(rows[0], rows[-1] + 1)))
        wanted -= set(shard.seeds)
    return pieces


def _write(folder: Path, pieces: Sequence[Piece]) -> pd.DataFrame:
    """Everything of an export, the index last; returns the table."""
    zoo = Zoo(**pieces[0][0].note["zoo"])
    shapes = zoo.architecture.shapes
    size = sum(torch.Size(shape).numel() for shape in shapes.values())
    per_file = max(1, FILE_BYTES // (4 * size))
    table = _table(pieces, zoo, per_file)
    files = []
    for number, epoch in enumerate(range(zoo.epochs - zoo.kept + 1, zoo.epochs + 1)):
        for count, vectors in enumerate(_blocks(pieces, number, per_file)):
            files.append({"name": _file_name(epoch, count), "epoch": epoch, "models": len(vectors)})
            tensors = {name: tensor.contiguous() for name, tensor in unflatten(vectors, shapes).items()}
            save_file(tensors, folder / files[-1]["name"])
            (folder / files[-1]["name"]).chmod(0o644)  # safetensors' own files are for their owner alone
    table.to_parquet(folder / TABLE, index=False)
    notes = [shard.note for shard, _ in pieces]
    (folder / "README.md").write_text(card(zoo, size, table, notes))
    index = {"format": FORMAT, "zoo": asdict(zoo) | {"models": table.model.nunique()}}
    index |= {"source": notes[0]["source"], "shapes": shapes, "files": files}
    (folder / INDEX).write_text(json.dumps(index, indent=1))
    return table


def _file_name(epoch: int, count: int) -> str:
    return f"weights/epoch-{epoch:04}-{count:03}.safetensors"


def _blocks(pieces: Sequence[Piece], number: int, size: int) -> Iterator[Tensor]:
    """Weight vectors (m, P) of all models after a kept epoch, `size` at a time."""
    rows = (row for piece in pieces for row in _vectors(piece, number))
    while block := list(islice(rows, size)):
        yield torch.stack(block)


def _vectors(piece: Piece, number: int) -> Tensor:
    """Weight vectors (m, P) of a piece after a kept epoch."""
    shard, rows = piece
    with safe_open(shard.path, "pt") as file:
        return file.get_slice("weights")[rows, number]


def _table(pieces: Sequence[Piece], zoo: Zoo, per_file: int) -> pd.DataFrame:
    """A row for each model and kept epoch."""
    frames = []
    for shard, rows in pieces:
        frame = tabulated(Zoo(**shard.note["zoo"]), read(shard.path))
        frames.append(frame[frame.model.isin(shard.seeds[rows])])
    table = pd.concat(frames, ignore_index=True)
    part = pd.Series(index=table.model.unique(), dtype=object)
    for name, places in zip(PARTS, split(table)):
        part.iloc[places.numpy()] = name
    models = table.model.factorize()[0]
    own = {k: v for k, v in described(zoo).items() if k not in OF_ALL and k not in table}
    first = pd.DataFrame({"model": models, "seed": table.model, "part": table.model.map(part)})
    last = {
        "file": [_file_name(epoch, model // per_file) for epoch, model in zip(table.epoch, models)],
        "row": models % per_file,
    }
    return pd.concat([first.assign(**own), table.drop(columns="model")], axis=1).assign(**last)


def _flush(folder: Path) -> None:
    """Have everything in a folder on the disk."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
