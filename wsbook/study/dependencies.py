"""What the parts of the book are made from, for the workflow engine and the checks."""

import json
from collections.abc import Sequence
from pathlib import Path

from wsbook.errors import StudyError
from wsbook.study.sources import ROOT, closure, imported_modules

NOTEBOOKS = ROOT / "notebooks"


def notebook_names(chosen: Sequence[str] = ()) -> list[str]:
    """Stems of all notebooks, in order.

    Raises
        StudyError: if a name in `chosen` is not among them.
    """
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    for name in chosen:
        if name not in names:
            raise StudyError(f"there is no notebook {name!r}; there are {', '.join(names)}.")
    return names


def code_cells(path: Path) -> list[str]:
    """The sources of a notebook's code cells."""
    cells = json.loads(path.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def relative(paths: Sequence[Path]) -> list[str]:
    """Paths relative to the repository, sorted."""
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def notebook_sources(name: str) -> list[str]:
    """A notebook, and all code, claims and committed records that its outputs depend on."""
    path = NOTEBOOKS / f"{name}.ipynb"
    modules = imported_modules("\n".join(code_cells(path)))
    paper = name[0]
    records = (ROOT / "results").glob(f"*/{paper.lower()}-*.jsonl")
    claims = (ROOT / "claims").glob(f"{paper}.yaml")
    return relative([path, *closure(*modules).values(), *records, *claims])


def page_sources() -> list[str]:
    """What the computed pages depend on besides the executed notebooks."""
    records = (ROOT / "results").rglob("*.jsonl")
    return relative([*closure("wsbook.pages").values(), *(ROOT / "claims").glob("*.yaml"), *records])


def book_sources() -> list[str]:
    """The hand-written part of the book and its configuration."""
    pages = [*(ROOT / "book").glob("*.md"), *(ROOT / "book").glob("*.bib")]
    static = [path for path in (ROOT / "book" / "_static").rglob("*") if path.is_file()]
    return relative([*pages, *static, ROOT / "_config.yml", ROOT / "_toc.yml"])
