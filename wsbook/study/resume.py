"""Long runs that save their state now and then, and go on from it."""

from collections.abc import Callable, Iterable
from typing import Protocol

from wsbook.study.shelf import Checkpoint, Tensors

Progress = Callable[[range], Iterable[int]]


class Resumable(Protocol):
    """What a run needs in order to stop and go on; `step` counts the steps that are done."""

    step: int

    def advance(self) -> None:
        """Take one step."""

    def tensors(self) -> Tensors:
        """All that the rest of the run depends on."""

    def restore(self, tensors: Tensors) -> None:
        """Go back to where `tensors` was taken."""


def complete(
    run: Resumable,
    steps: int,
    checkpoint: Checkpoint | None = None,
    progress: Progress = lambda steps: steps,
) -> None:
    """Take a run to `steps` steps, from where its checkpoint left it; the last state stays saved."""
    if checkpoint and (state := checkpoint.load()):
        run.restore(state)
    for _ in progress(range(run.step, steps)):
        run.advance()
        if checkpoint and checkpoint.due():
            checkpoint.save(run.tensors())
    if checkpoint:
        checkpoint.save(run.tensors())
