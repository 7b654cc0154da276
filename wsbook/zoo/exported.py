"""A zoo as a folder that others can use, with this package or without.

    README.md                            a card: what it is, how it was trained, how to read it
    zoo.json                             parameters, shapes, and the files: epoch and number of models
    table.parquet                        a row for each model and epoch, with the place of its weights
    weights/epoch-0010-000.safetensors   tensors (models, *shape) by parameter name

`wsbook.zoo.export` writes it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from wsbook.errors import StudyError
from wsbook.study.shelf import Tensors, read

FORMAT = 1
INDEX, TABLE = "zoo.json", "table.parquet"


def read_table(folder: Path) -> pd.DataFrame:
    """A row for each model and epoch: model, seed, part, hyperparameters, epoch, loss, accuracies,
    diverged, and the place of its weights (file, row).

    Raises
        StudyError: if the folder holds no whole zoo, or pyarrow is not installed.
    """
    need_pyarrow()
    _index(Path(folder))
    try:
        return pd.read_parquet(Path(folder) / TABLE)
    except (OSError, ValueError) as error:  # of which pyarrow's are
        raise StudyError(f"{Path(folder) / TABLE} cannot be read ({error}); get the zoo again.") from error


def read_zoo(folder: Path) -> Iterator[tuple[int, Tensors, pd.DataFrame]]:
    """Epoch, tensors (m, *shape) by parameter name, and the m rows of the table that belong to them.

    One file comes after another, so that memory holds a single one.

    Raises
        StudyError: if the folder holds no whole zoo, a file is damaged, or pyarrow is not installed.
    """
    table = read_table(folder)
    for file in _index(Path(folder))["files"]:
        rows = table[table.file == file["name"]].sort_values("row", ignore_index=True)
        yield file["epoch"], read(Path(folder) / file["name"]), rows


def need_pyarrow() -> None:
    """Raise unless pandas can read and write parquet.

    Raises
        StudyError: if it cannot.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise StudyError("tables of exported zoos need pyarrow; run pip install pyarrow.") from error


def _index(folder: Path) -> dict[str, Any]:
    path = folder / INDEX
    try:
        index = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder} holds no exported zoo: {INDEX} cannot be read ({error}).") from error
    if index.get("format") != FORMAT:
        raise StudyError(f"{path} is of format {index.get('format')}, not {FORMAT}; use another wsbook.")
    return index
