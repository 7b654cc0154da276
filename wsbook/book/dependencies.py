"""What the parts of the book are made from, for the workflow engine and the checks."""

import ast
import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from wsbook.book.sources import closure, imported_modules, module_file
from wsbook.errors import StudyError
from wsbook.study.experiment import Experiment
from wsbook.study.fingerprint import EQUIVALENT
from wsbook.study.places import ROOT

NOTEBOOKS = ROOT / "notebooks"
PAPERS = ROOT / "wsbook" / "papers"
STORIES = ROOT / "book" / "stories"  # opening pages of papers, as they are written


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


def story_names(directory: Path = STORIES) -> list[str]:
    """Names of all opening pages of papers, in order."""
    return sorted(path.stem for path in directory.glob("*.md"))


def page_names(notebooks: Sequence[str]) -> list[str]:
    """Names of all computed pages and page parts: those of the book, and the verdicts of each notebook."""
    of_the_book = ["scorecard", "provenance", "findings", "map", "badge", "cards", *story_names()]
    return of_the_book + [f"verdicts/{name}" for name in notebooks]


def read_notebook(path: Path) -> dict:
    """A notebook as nbformat has it.

    Raises
        StudyError: if it is damaged.
    """
    try:
        document = json.loads(path.read_text())
        whole = isinstance(document["cells"], list) and isinstance(document["metadata"], dict)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise StudyError(f"{path} is no whole notebook; restore it, or make it again.")
    return document


def executed_as(path: Path) -> tuple[dict, dict]:
    """A notebook that `wsbook execute` made, and what papermill noted of its execution: parameters, duration.

    Raises
        StudyError: if it is damaged, or was executed otherwise.
    """
    document = read_notebook(path)
    noted = document["metadata"].get("papermill", {})
    if not noted.keys() >= {"parameters", "duration"}:
        raise StudyError(f"{path} was not executed by wsbook; delete it and run `make book`.")
    return document, noted


def code_cells(path: Path) -> list[str]:
    """The sources of a notebook's code cells."""
    cells = read_notebook(path)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def relative(paths: Sequence[Path]) -> list[str]:
    """Paths relative to the repository, sorted."""
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def is_plan(module: str) -> bool:
    """Whether a module only names experiments: it imports them all, and its users need but a few."""
    return module == "wsbook.catalogue" or "experiments" in module.split(".")


def is_grid(module: str) -> bool:
    """Whether a module is a plan whose imports are not followed: any but a package, which collects plans."""
    return is_plan(module) and module_file(module).name != "__init__.py"


def measuring_modules(code: str) -> set[str]:
    """The modules that measure the experiments which `code` names, as in `a.MOMENTUM`."""
    tree = ast.parse(code)
    plans = {
        alias.asname or alias.name: import_module(f"{node.module}.{alias.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if is_plan(f"{node.module}.{alias.name}")
    }
    named = [
        getattr(plans[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in plans
    ]
    return {item.measure.__module__ for item in named if isinstance(item, Experiment)}


def notebook_sources(name: str) -> list[str]:
    """A notebook, and all code, claims and committed records that its outputs depend on."""
    path = NOTEBOOKS / f"{name}.ipynb"
    code = "\n".join(code_cells(path))
    modules = closure(*imported_modules(code), leaves=is_grid) | closure(*measuring_modules(code))
    paper = name[0]
    records = (ROOT / "results").rglob(f"{paper.lower()}-*.jsonl")
    claims = (ROOT / "claims").glob(f"{paper}.yaml")
    return relative([path, *modules.values(), *records, *claims, *equivalent()])


def page_sources() -> list[str]:
    """What the computed pages depend on besides the executed notebooks."""
    records = (ROOT / "results").rglob("*.jsonl")
    claims = (ROOT / "claims").glob("*.yaml")
    found = [path for name in ("paper", "figures/opening") for path in PAPERS.glob(f"*/{name}.py")]
    papers = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found]
    code = closure("wsbook.book.pages", *papers).values()
    return relative([*code, *claims, *records, *STORIES.glob("*.md"), *equivalent()])


def equivalent() -> list[Path]:
    """The notes on which it depends what is stale, if there are any."""
    return [EQUIVALENT] if EQUIVALENT.is_file() else []


def book_sources() -> list[str]:
    """The hand-written part of the book and its configuration."""
    pages = [*(ROOT / "book").glob("*.md"), *(ROOT / "book").glob("*.bib")]
    static = [path for path in (ROOT / "book" / "_static").rglob("*") if path.is_file()]
    return relative([*pages, *static, ROOT / "_config.yml", ROOT / "_toc.yml"])
