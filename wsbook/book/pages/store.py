"""Store the outputs of executed notebooks in the notebooks that the repository keeps."""

import json
from collections.abc import Sequence
from pathlib import Path

from wsbook.book.dependencies import NOTEBOOKS, executed_as, notebook_names
from wsbook.errors import StudyError
from wsbook.study.places import ROOT

EXECUTED = ROOT / "book" / "executed"


def stored(document: dict) -> dict:
    """A notebook as the repository keeps it: outputs, but no times, paths or injected parameters."""
    cells = []
    for cell in document["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "injected-parameters" in tags:
            continue
        cells.append(cell | {"metadata": {"tags": tags} if tags else {}})
    kept = {name: document["metadata"][name] for name in ("kernelspec", "language_info")}
    return document | {"cells": cells, "metadata": kept}


def store_all(chosen: Sequence[str] = ()) -> list[Path]:
    """Store the notebooks that were executed at the quick profile, all or those chosen; returns their paths.

    Raises
        StudyError: for an unknown notebook, or one executed at another profile, before anything is written.
    """
    documents = {}
    known = notebook_names(chosen)
    for name in chosen or known:
        path = EXECUTED / f"{name}.ipynb"
        if not path.is_file():
            raise StudyError(f"{path} does not exist; run `make book` first.")
        document, papermill = executed_as(path)
        profile = papermill["parameters"].get("profile", "quick")
        if profile != "quick":
            raise StudyError(f"{path} was executed at profile {profile}; only quick outputs are stored.")
        documents[NOTEBOOKS / path.name] = document
    for path, document in documents.items():
        path.write_text(json.dumps(stored(document), indent=1, ensure_ascii=False) + "\n")
    return list(documents)
