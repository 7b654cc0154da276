"""CUDA graphs: a hundred small launches at the cost of one."""

from collections.abc import Callable

import torch
from torch import Tensor

Inputs = tuple[Tensor | None, ...]


class Graphs:
    """A function of tensors which is recorded once for each shape of its arguments, then replayed.

    Without a GPU, the function itself. What it reads beside its arguments must stay where it is in memory, it
    must give the same when called again, and it must not ask the device for a number. A replay
    overwrites the result of the one before.
    """

    def __init__(self, function: Callable[..., Tensor]):
        self.function = function
        self.recorded: dict[tuple, Callable[..., Tensor]] = {}

    def __call__(self, *arguments: Tensor | None) -> Tensor:
        """The function's result."""
        if not any(x is not None and x.is_cuda for x in arguments):
            return self.function(*arguments)
        shapes = tuple(None if x is None else x.shape for x in arguments)
        if shapes not in self.recorded:
            self.recorded[shapes] = record(self.function, arguments)
        return self.recorded[shapes](*arguments)


def record(function: Callable[..., Tensor], arguments: Inputs) -> Callable[..., Tensor]:
    """The function as a graph for arguments of these shapes."""
    held = tuple(None if x is None else x.clone() for x in arguments)
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):  # libraries set up their workspaces outside of the graph
        function(*held)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=aside):  # where autograd has seen the parameters
        result = function(*held)

    def replay(*arguments: Tensor | None) -> Tensor:
        for place, value in zip(held, arguments, strict=True):
            if place is not None:
                place.copy_(value)
        graph.replay()
        return result

    return replay
