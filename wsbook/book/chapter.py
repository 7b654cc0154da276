"""A Sphinx extension that makes a chapter of an executed notebook, as Sphinx reads it.

The notebook stays as it is, to be rerun and compared. Its chapter opens with the verdicts, shows what the cells put out, and of
their code only what is a method: that of cells tagged `method`. All of it stands folded at the end.
"""

import json
from collections.abc import Mapping
from typing import Any

from sphinx.application import Sphinx

CHAPTERS = "book/executed/"
SHOWN = "method"  # tag of cells whose code the page shows

Cell = dict[str, Any]


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", read_chapter)
    return {"parallel_read_safe": True}


def read_chapter(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the source of an executed notebook by that of its chapter."""
    if docname.startswith(CHAPTERS):
        name = docname.removeprefix(CHAPTERS)
        source[0] = json.dumps(chapter(json.loads(source[0]), name))


def chapter(document: dict, name: str) -> dict:
    """The notebook `name` as a page: heading, verdicts, the cells without their bookkeeping, all code."""
    heading, *rest = [cell for cell in document["cells"] if "injected-parameters" not in tags_of(cell)]
    title, _, opening = "".join(heading["source"]).partition("\n")
    cells = [
        markdown("title", title),
        markdown("verdicts", include(f"../generated/verdicts/{name}.md")),
        heading | {"source": opening.strip()},
        *map(dressed, rest),
        markdown("all-code", all_code(rest, name)),
    ]
    return document | {"cells": cells}


def markdown(id_: str, source: str) -> Cell:
    """A new cell of text."""
    return {"cell_type": "markdown", "id": id_, "metadata": {}, "source": source}


def include(path: str) -> str:
    """The directive that includes a generated file."""
    return f"```{{include}} {path}\n```"


def tags_of(cell: Cell) -> list[str]:
    """The tags of a cell."""
    return cell["metadata"].get("tags", [])


def dressed(cell: Cell) -> Cell:
    """A cell as the page shows it: code only where it is a method."""
    if cell["cell_type"] != "code":
        return cell
    tags = [] if SHOWN in tags_of(cell) else ["remove-input"]
    return cell | {"metadata": {"tags": tags}, "source": code_of(cell)}


def code_of(cell: Cell) -> str:
    """The code of a cell without the remark that tells nbval what not to compare, and why."""
    lines = "".join(cell["source"]).splitlines()
    if lines and lines[0].startswith("# NBVAL_"):
        while lines and lines[0].startswith("#"):
            lines.pop(0)
    return "\n".join(lines)


def all_code(cells: list[Cell], name: str) -> str:
    """The code of a notebook in one fold, with the notebook to download."""
    joined = "\n\n\n".join(code_of(cell) for cell in cells if cell["cell_type"] == "code")
    return f""":::{{dropdown}} All code of this page
:class-container: ws-code
In order, as the notebook {{download}}`{name}.ipynb <../../notebooks/{name}.ipynb>` runs it. {{doc}}`../rerun` says how to run it
with other parameters.

```{{code-block}} python
{joined}
```
:::"""
