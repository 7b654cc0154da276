"""The files of this package, and which of them a file imports, however far: what a built page depends on."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

from wsbook.study.places import ROOT


def module_file(name: str) -> Path | None:
    """The file of a module of this package, or None if `name` is not one."""
    stem = ROOT.joinpath(*name.split("."))
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def imported_modules(source: str) -> set[str]:
    """The modules of this package that `source` imports, wherever the statement stands."""
    return {name for name in _imported_names(source) if module_file(name)}


@cache  # most files are behind many notebooks and experiments
def _imported_names(source: str) -> frozenset[str]:
    """The dotted names within this package that `source` imports, of modules or of what is in them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(name for name in names if name.split(".")[0] == "wsbook")


def closure(*modules: str, leaves: Callable[[str], bool] = lambda name: False) -> dict[str, Path]:
    """The given modules and all that they import of this package, by dotted name.

    A package's `__init__` counts only where it is imported itself: it re-exports, and computes nothing.
    Modules for which `leaves` is true are included, but what they import is not followed.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or (path := module_file(name)) is None:
            continue
        found[name] = path
        if not leaves(name):
            waiting.extend(imported_modules(path.read_text(encoding="utf-8")))
    return dict(sorted(found.items()))
