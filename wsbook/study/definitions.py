"""What code means, definition by definition: its syntax, and the definitions that it refers to.

The text of a definition says nothing of where it stands or what it is called. Docstrings, comments, layout and import
statements leave no trace in it; a name from another package stands as that calls it; a name of this package stands as
a mark, beside a list of what the marks refer to. So code that is moved or renamed means what it meant.

What cannot be followed by reading (a module that is handed around, a star import, `exec`) is refused.
"""

import ast
import builtins
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from wsbook.errors import StudyError
from wsbook.study.scopes import FUNCTIONS, Scope, is_words, names_bound

PACKAGE = "wsbook"
MARK = "§"  # in a text, where a definition refers to another
UNREADABLE = (
    "__import__",
    "eval",
    "exec",
    "globals",
    "__name__",
    "__file__",
)  # their value is not in the syntax
SILENT = (
    "ctx",
    "kind",
    "type_comment",
    "type_params",
)  # fields that say nothing, or are not in all Pythons
IMPORTS = (ast.Import, ast.ImportFrom)
SIMPLE = (
    *IMPORTS,
    *FUNCTIONS,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)  # statements that can define, and no more


class Place(NamedTuple):
    """Where a definition stands. An empty name is all that a module does besides defining."""

    module: str
    name: str


@dataclass(frozen=True)
class Definition:
    """What a function, a class or a constant of a module means."""

    text: str
    refers: tuple[Place, ...]  # one for each mark in the text, in order; then what its module does besides


class Found(NamedTuple):
    """What a dotted name means: a definition of this package, or else the text that stands for it."""

    place: Place | None
    text: str
    attributes: list[str]  # that are asked of it


class Module:
    """The statements of one file, by the names that they define."""

    def __init__(self, name: str, path: Path):
        self.name, self.path = name, path
        self.imported: dict[str, str] = {}
        self.defined: dict[str, list[ast.stmt]] = {}
        self.besides: list[ast.stmt] = []  # which may change whatever the module defines
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if not is_words(statement):
                self._add(statement)

    def _add(self, statement: ast.stmt) -> None:
        bound = names_bound([statement])
        for name, target in bound.items():
            if target is None:
                self.defined.setdefault(name, []).append(statement)
            else:
                self.imported[name] = target
        if not isinstance(statement, SIMPLE) or not bound:
            self.besides.append(statement)


def is_silent(node: object) -> bool:
    """Whether an item of a list leaves no trace in the text of a definition."""
    return isinstance(node, IMPORTS) or isinstance(node, ast.AST) and is_words(node)


class Code:
    """The definitions of this package in one tree. Files are read once."""

    def __init__(self, root: Path, apart: Callable[[Place], bool] = lambda place: False):
        self.root = root
        self.apart = apart  # whether a definition stands for itself, by its name
        self.file, self.module, self.definition = (
            cache(self._file),
            cache(self._module),
            cache(self._definition),
        )

    def _file(self, name: str) -> Path | None:
        """The file of a module, or None if `name` is not one of this package."""
        stem = self.root.joinpath(*name.split("."))
        return next((p for p in (stem.with_suffix(".py"), stem / "__init__.py") if p.is_file()), None)

    def _module(self, name: str) -> Module:
        if not (path := self.file(name)):
            raise StudyError(f"there is no module {name} in {self.root}, whose code could be read.")
        try:
            return Module(name, path)
        except StudyError as error:
            raise StudyError(f"{path}, {error}") from error

    def _definition(self, place: Place) -> Definition:
        home = self.module(place.module)
        if place.name not in home.defined and place.name:
            raise StudyError(f"{home.path} defines no {place.name!r}, which other code asks it for.")
        writer = Writer(self, home)
        for statement in home.defined[place.name] if place.name else home.besides:
            writer.define(statement, place.name)
        besides = [Place(place.module, "")] if home.besides and place.name else []
        return Definition("".join(writer.text), (*writer.refers, *besides))

    def reached(self, roots: Iterable[Place]) -> dict[Place, Definition]:
        """Some definitions, and all that they refer to, however far.

        Raises
            StudyError: if one refers to what cannot be found by reading.
        """
        found: dict[Place, Definition] = {}
        waiting = list(roots)
        while waiting:
            if (place := waiting.pop()) not in found:
                found[place] = self.definition(place)
                waiting.extend(found[place].refers)
        return found

    def resolve(self, dotted: Sequence[str]) -> Found:
        """Follow a dotted name through the modules of this package.

        Raises
            StudyError: if it is a module itself, or asks one for what it has not; worded to follow "it".
        """
        if dotted[0] != PACKAGE:
            return Found(None, ".".join(dotted), [])
        size = next(k for k in range(len(dotted), 0, -1) if k == 1 or self.file(".".join(dotted[:k])))
        name, rest = ".".join(dotted[:size]), list(dotted[size:])
        if not rest:
            raise StudyError(f"hands the module {name} around, so that nobody can read what of it is used")
        if self.apart(Place(name, rest[0])):
            return Found(None, f"<{rest[0]}>", rest[1:])
        home = self.module(name)
        if target := home.imported.get(rest[0]):
            return self.resolve([*target.split("."), *rest[1:]])
        if rest[0] not in home.defined:
            raise StudyError(f"asks {name} for {rest[0]!r}, which is not there")
        return Found(Place(name, rest[0]), "", rest[1:])


class Writer:
    """Writes the text of one definition, and notes what it refers to."""

    def __init__(self, code: Code, home: Module):
        self.code, self.home = code, home
        self.text: list[str] = []
        self.refers: list[Place] = []
        self.scopes: list[Scope] = []  # of the functions around, the innermost last
        self.of_class: Scope = {}  # names bound in the class body around: its methods do not see them
        self.annotating = False

    def define(self, statement: ast.stmt, name: str) -> None:
        """Write a statement of a module, without what it calls the one thing that it defines."""
        own = list(names_bound([statement]))
        if own == [name] and isinstance(statement, SIMPLE):
            self.write(statement, without=("name", "targets", "target"))
        else:
            self.text.append(f"{own.index(name)}:" if name else "")
            self.write(statement)

    def write(self, node: object, without: Sequence[str] = ()) -> None:
        """Write a node of a syntax tree without some of its fields, a list of nodes, or a value."""
        if isinstance(node, list):
            for item in node:
                if not is_silent(item):
                    self.write(item)
                    self.text.append(",")
        elif not isinstance(node, ast.AST):
            self.text.append(repr(node))
        else:
            getattr(self, f"_{type(node).__name__}", self._fields)(node, without)

    def _fields(self, node: ast.AST, without: Sequence[str]) -> None:
        self.text.append(f"{type(node).__name__}(")
        for name in node._fields:
            value = getattr(node, name, None)
            if name not in without and name not in SILENT and value not in (None, []):
                self.text.append(f"{name}=")
                self._annotation(value) if name in ("annotation", "returns") else self.write(value)
        self.text.append(")")

    def _Constant(self, node: ast.Constant, without: Sequence[str]) -> None:
        self.text.append(f"Constant({node.value!r})")

    def _annotation(self, node: ast.expr) -> None:
        """Write an annotation: what it refers to counts, but not how other packages call it."""
        before, self.annotating = self.annotating, True
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        self.write(node)
        self.annotating = before

    def _Name(self, node: ast.Name, without: Sequence[str]) -> None:
        self._dotted(node, [node.id])

    def _Attribute(self, node: ast.Attribute, without: Sequence[str]) -> None:
        names, base = [node.attr], node.value
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name):
            self._dotted(node, [base.id, *reversed(names)])
        else:
            self._fields(node, without)

    def _dotted(self, node: ast.expr, names: list[str]) -> None:
        try:
            found = self._found(*names)
        except StudyError as error:
            place = f"{self.home.path}, line {node.lineno}"
            raise StudyError(f"{place}: it {error}; name a definition there instead.") from error
        if found.place:
            self.refers.append(found.place)
            self.text.append(MARK)
        else:
            self.text.append(found.text.split(".")[-1] if self.annotating else found.text)
        self.text.extend(f".{name}" for name in found.attributes)

    def _found(self, first: str, *rest: str) -> Found:
        for scope in (*reversed(self.scopes), self.home.imported):
            if target := scope.get(first):
                return self.code.resolve([*target.split("."), *rest])
            if first in scope:
                return Found(None, first, list(rest))
        if first in self.home.defined:
            return self.code.resolve([*self.home.name.split("."), first, *rest])
        if first in UNREADABLE:
            raise StudyError(f"uses {first}, whose meaning cannot be read")
        if first in self.of_class or hasattr(builtins, first):
            return Found(None, first, list(rest))
        raise StudyError(f"uses the name {first!r}, which is defined nowhere")

    def _callable(self, node: ast.FunctionDef | ast.Lambda, without: Sequence[str]) -> None:
        """Write a function: its decorators, defaults and annotations by the names around it, its body by its own, too."""
        body = node.body if isinstance(node.body, list) else [node.body]
        self._fields(node, (*without, "body"))
        own = {argument.arg: None for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        before, self.of_class = self.of_class, {}
        self._within(own | dict(names_bound(body)), body)
        self.of_class = before

    _FunctionDef = _AsyncFunctionDef = _Lambda = _callable

    def _ClassDef(self, node: ast.ClassDef, without: Sequence[str]) -> None:
        self._fields(node, (*without, "body"))
        before, self.of_class = self.of_class, names_bound(node.body)
        self.write(node.body)
        self.of_class = before

    def _listing(self, node: ast.ListComp | ast.DictComp, without: Sequence[str]) -> None:
        """Write a comprehension: where it takes its first items from is a matter of the names around it."""
        first, *others = node.generators
        parts = [getattr(node, name) for name in ("key", "value", "elt") if hasattr(node, name)]
        self.text.append(f"{type(node).__name__}(")
        self.write(first.iter)
        own = names_bound(generator.target for generator in node.generators)
        self._within(own, [first.target, first.ifs, first.is_async, others, *parts])
        self.text.append(")")

    _ListComp = _SetComp = _DictComp = _GeneratorExp = _listing

    def _within(self, scope: Scope, nodes: Sequence[object]) -> None:
        self.scopes.append(scope)
        self.write(list(nodes))
        self.scopes.pop()
