"""Parameters that papermill injects into a notebook, held to those that the notebook has.

papermill only warns of a name that the notebook does not have, and executes it as if nothing had been said.
"""

import ast
import sys
from collections.abc import Sequence

from wsbook.errors import StudyError

MARK = "# Parameters\n"  # how papermill begins the cell that it puts behind the notebook's own parameters


def check_injected(cells: Sequence[str]) -> None:
    """Raise a StudyError if parameters were injected that the notebook, with these cells so far, does not have."""
    for own, injected in zip(cells, cells[1:]):
        if injected.startswith(MARK):
            known = assigned(own)
            if odd := [name for name in assigned(injected) if name not in known]:
                raise StudyError(f"there is no parameter {odd[0]!r}; this notebook has {', '.join(known)}.")


def assigned(cell: str) -> list[str]:
    """The names that the statements of a cell assign to, in order."""
    targets = [t for line in ast.parse(cell).body if isinstance(line, ast.Assign) for t in line.targets]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def cells_so_far() -> list[str]:
    """Sources of the cells executed so far in the notebook that this is called from; none outside of notebooks."""
    if "IPython" not in sys.modules:
        return []
    shell = sys.modules["IPython"].get_ipython()
    return [] if shell is None else list(shell.user_ns.get("In", []))
