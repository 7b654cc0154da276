"""Which code a number depends on: the import closure of a module, and its fingerprint.

The fingerprint hashes syntax trees without docstrings, so that a comment or a reworded docstring
makes no record stale, and any change of meaning does. `wsbook.study` is left out: it plans, stores
and judges numbers but does not compute them. So are the modules that find inputs (image sets and
trained networks): records carry the fingerprints of what these deliver.

Code that was shown to measure the numbers of earlier code, see `wsbook.study.equivalence`, has its fingerprint.
"""

import ast
import hashlib
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from wsbook.errors import StudyError

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = ROOT / "results" / "equivalent.json"  # notes of changes that were shown to change no number
DUMP = {"show_empty": True} if sys.version_info >= (3, 13) else {}  # as earlier versions always did
INPUTS = ("wsbook.data.registry", "wsbook.nets.originals")
BOOKKEEPING = ("wsbook.study.", "wsbook.errors.", "wsbook.catalogue.", "wsbook.cli.")


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
            waiting.extend(imported_modules(path.read_text()))
    return dict(sorted(found.items()))


@cache
def meaning(source: str) -> str:
    """The syntax tree of `source` as text, without docstrings and positions.

    The text is that of Python 3.11 under later versions too, so that these agree on what is stale.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            node.body = body[1:]
        if hasattr(node, "type_params"):  # which Python 3.12 added to functions and classes
            del node.type_params
    return ast.dump(tree, **DUMP)


def is_apart(name: str) -> bool:
    """Whether a module computes no number: bookkeeping, or finding inputs."""
    return name in INPUTS or f"{name}.".startswith(BOOKKEEPING)


@cache
def fingerprint(module: str) -> str:
    """Twelve hexadecimal digits that change when the code behind `module` changes its meaning, unless that was shown
    to change no number."""
    return first_like(raw_fingerprint(module))


def first_like(found: str) -> str:
    """The fingerprint of the first code that this one is noted to be equivalent to; itself if there is none."""
    earlier = _earlier(EQUIVALENT, EQUIVALENT.stat().st_mtime_ns if EQUIVALENT.is_file() else 0)
    while found in earlier:
        found = earlier[found]
    return found


@cache  # asked of every record
def _earlier(path: Path, changed: int) -> dict[str, str]:
    """For each fingerprint in the notes, as they were when last changed, that of the code before."""
    return {new: old for note in notes() for new, old in note["fingerprints"].items()}


def notes() -> list[dict[str, Any]]:
    """What `EQUIVALENT` holds, oldest first.

    Raises
        StudyError: if it cannot be read.
    """
    try:
        return json.loads(EQUIVALENT.read_text()) if EQUIVALENT.is_file() else []
    except ValueError as error:
        raise StudyError(f"{EQUIVALENT} is damaged ({error}); restore it from the repository.") from error


def raw_fingerprint(module: str) -> str:
    """The fingerprint of the code behind `module` as it stands."""
    digest = hashlib.sha256()
    for name, path in closure(module, leaves=is_apart).items():
        if not is_apart(name):
            digest.update(f"{name}\n{meaning(path.read_text())}\n".encode())
    return digest.hexdigest()[:12]


def meaning_hash(path: Path) -> str:
    """Twelve hexadecimal digits of the meaning of one file."""
    return hashlib.sha256(meaning(path.read_text()).encode()).hexdigest()[:12]
