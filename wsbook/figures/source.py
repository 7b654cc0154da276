"""Code of the package as a page prints it, where the code says best what a method does."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from inspect import getsource
from textwrap import dedent


@dataclass(frozen=True)
class Source:
    """Python code, set as such in a notebook and on a page."""

    code: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": self.code, "text/markdown": f"```python\n{self.code}\n```"}


def source(*objects: Callable) -> Source:
    """The code of functions or classes, without their docstrings, which the page around them says in its own words."""
    return Source("\n\n\n".join(map(bare_code, objects)))


def bare_code(item: Callable) -> str:
    """The lines of a function or class, less its decorators and docstrings."""
    lines = dedent(getsource(item)).splitlines()
    (definition,) = ast.parse("\n".join(lines)).body
    parts = [node for node in ast.walk(definition) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    documented = [node.body[0] for node in parts if ast.get_docstring(node) is not None]
    left_out = {line for node in documented for line in range(node.lineno, node.end_lineno + 1)}
    numbered = enumerate(lines[definition.lineno - 1 :], definition.lineno)
    return "\n".join(line for number, line in numbered if number not in left_out)
