"""Names and statements of a syntax tree: what binds which name, and what is mere words."""

import ast
from collections.abc import Iterable, Mapping

from wsbook.errors import StudyError

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMING = (
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.MatchMapping,
)  # bind a name that is no ast.Name

Scope = Mapping[str, str | None]  # name -> dotted name of what is imported under it; None for anything else


def names_bound(statements: Iterable[ast.AST]) -> Scope:
    """The names that statements bind in their own scope."""
    bound: dict[str, str | None] = {}
    shared: set[str] = set()  # with an outer scope, by `global` and `nonlocal`
    waiting = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            shared.update(node.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(imports(node))
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            bound[node.name] = None
        elif isinstance(node, COMPREHENSIONS):
            walrus = (n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
            bound.update((named.target.id, None) for named in walrus)
        elif not isinstance(node, ast.Lambda):
            bound.update(dict.fromkeys(_written(node)))
            waiting.extend(ast.iter_child_nodes(node))
    return {name: target for name, target in bound.items() if name not in shared}


def _written(node: ast.AST) -> list[str]:
    """The names that a node itself binds."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    return [name] if isinstance(node, NAMING) and name else []


def imports(node: ast.Import | ast.ImportFrom) -> Scope:
    """What an import statement binds.

    Raises
        StudyError: for names that it does not spell out: a star, a relative import.
    """
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: alias.name
            if alias.asname
            else alias.name.split(".")[0]
            for alias in node.names
        }
    if node.level or node.names[0].name == "*":
        raise StudyError(f"line {node.lineno} imports without saying what; name it in full.")
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}


def is_words(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or another string that nothing uses."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
