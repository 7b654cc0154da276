"""Gradients of a predictor, and the squared errors of a batch of kernels.

Written out by hand because it runs 68,600 times: the first layer is a sum of table rows, gradients
flow only through the batch, and batches go through in chunks that stay in a core's cache.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from wsbook.nets.graphs import Graphs
from wsbook.papers.nern.method.embedding import Points
from wsbook.papers.nern.method.predictor import Predictor
from wsbook.papers.nern.method.sampler import Batch

CHUNK = {"cpu": 512, "cuda": 1 << 20}  # kernels; 512 rows of 140 floats are 280 KB
threshold_backward = torch.ops.aten.threshold_backward.grad_input


class Gradients:
    """Gradients of a predictor's parameters from gradients of the kernels that it predicts."""

    def __init__(self, predictor: Predictor, at: Points):
        self.weights = [layer.weight for layer in predictor]
        self.biases = [layer.bias for layer in predictor]
        self.at, self.chunk = at, CHUNK[at.table.device.type]
        for p in (*self.weights, *self.biases):
            p.grad = torch.zeros_like(p)
        self.entry_gradients = torch.zeros(len(at.table), len(self.biases[0]), device=at.table.device)

    @torch.no_grad()
    def sweep(
        self, rows: Tensor, gradient: Callable[[slice, Tensor], Tensor], scale: float | Tensor
    ) -> None:
        """Set the gradients of the parameters to `scale` x those by the kernels of `rows` (B,).

        `gradient(part, kernels)` gives the gradient (b, 9) by the kernels (b, 9) predicted for the rows
        of a part.
        """
        gradients = [p.grad for p in (*self.weights, *self.biases)]
        torch._foreach_zero_([self.entry_gradients, *gradients])
        entries = self.at.table @ self.weights[0].T
        for start in range(0, len(rows), self.chunk):
            part = slice(start, start + self.chunk)
            where = self.at.entries.index_select(0, rows[part])
            kernels, hidden = self._forward(entries, where)
            self._backward(gradient(part, kernels), hidden, where)
        torch.mm(self.entry_gradients.T, self.at.table, out=self.weights[0].grad)
        torch._foreach_mul_(gradients, scale)

    def _forward(self, entries: Tensor, where: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Kernels (b, 9) and the four hidden layers (b, h)."""
        hidden = [embedding_bag(where, entries, mode="sum").add_(self.biases[0]).relu_()]
        for weight, bias in zip(self.weights[1:-1], self.biases[1:-1]):
            hidden.append(torch.addmm(bias, hidden[-1], weight.T).relu_())
        return torch.addmm(self.biases[-1], hidden[-1], self.weights[-1].T), hidden

    def _backward(self, delta: Tensor, hidden: list[Tensor], where: Tensor) -> None:
        """Add the gradients that follow from those by the kernels, `delta` (b, 9)."""
        for number in range(len(hidden), 0, -1):
            below = hidden[number - 1]
            self.weights[number].grad.addmm_(delta.T, below)
            self.biases[number].grad.add_(delta.sum(0))
            delta = delta @ self.weights[number]
            threshold_backward(delta, below, 0, grad_input=delta)
        self.biases[0].grad.add_(delta.sum(0))
        for axis in range(3):
            self.entry_gradients.index_add_(0, where[:, axis], delta)


class SquaredErrors:
    """Sums of squared errors of a predictor on target kernels (N, 9), with gradients.

    `present` (N, 9) marks the weights that exist (all of a 3x3 kernel, the centre of a 1x1).
    """

    def __init__(self, predictor: Predictor, at: Points, target: Tensor, present: Tensor):
        self.gradients = Gradients(predictor, at)
        self.target = target
        self.present = None if bool(present.all()) else present.float()
        self.swept = Graphs(self._sweep)

    def backward(self, batch: Batch, scale: Tensor) -> Tensor:
        """Set the gradients to `scale` (a scalar) x those of half the batch's sum of squares.

        Returns the sum of squares, a scalar that the next call may overwrite.
        """
        return self.swept(batch.rows, batch.counted, scale)

    @torch.no_grad()
    def _sweep(self, rows: Tensor, counted: Tensor | None, scale: Tensor) -> Tensor:
        total = torch.zeros((), device=self.target.device)

        def errors(part: slice, kernels: Tensor) -> Tensor:
            error = kernels.sub_(self.target.index_select(0, rows[part]))
            if self.present is not None:
                error.mul_(self.present.index_select(0, rows[part]))
            if counted is not None:
                error.mul_(counted[part, None])
            total.add_(error.square().sum())
            return error

        self.gradients.sweep(rows, errors, scale)
        return total
