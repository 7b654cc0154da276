"""The predictor: a multilayer perceptron from kernel coordinates to 3x3 kernels."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.errors import StudyError
from wsbook.nets.train import initialise
from wsbook.papers.nern.method.embedding import WIDTH, Points

OUTPUTS = 9  # a 3x3 kernel in raster order; a 1x1 kernel is its centre


class Predictor(nn.ModuleList):
    """Linear(240, h), three Linear(h, h) and Linear(h, 9), with ReLU after all but the last.

    P(h) = 3 h^2 + 253 h + 9 parameters, drawn from torch's default law.

    Raises
        StudyError: unless h is positive.
    """

    def __init__(self, hidden: int, generator: torch.Generator):
        if hidden <= 0:
            raise StudyError(f"the hidden size of a predictor must be positive, not {hidden}.")
        widths = [WIDTH, hidden, hidden, hidden, hidden, OUTPUTS]
        super().__init__(nn.Linear(n, m, device=generator.device) for n, m in pairwise(widths))
        initialise(self, generator)

    def forward(self, at: Points) -> Tensor:
        """Kernels (N, 9) at N points, the first layer as a sum of three rows of a table."""
        first, *others = self
        entries = at.table @ first.weight.T
        x = F.embedding(at.entries, entries).sum(1) + first.bias
        for layer in others:
            x = layer(F.relu(x))
        return x


def vector_of(tensors: Sequence[Tensor]) -> Tensor:
    """Parameters as one vector (P,), detached from the predictor."""
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def set_vector(predictor: Predictor, vector: Tensor) -> Predictor:
    """Write a vector (P,) into the predictor's parameters; returns the predictor.

    Raises
        StudyError: if P is not the number of its parameters.
    """
    parameters = list(predictor.parameters())
    if len(vector) != sum(p.numel() for p in parameters):
        raise StudyError(f"{len(vector)} parameters do not fit a predictor of another hidden size.")
    with torch.no_grad():
        for parameter, part in zip(parameters, vector.split([p.numel() for p in parameters])):
            parameter.copy_(part.view_as(parameter))
    return predictor


def parameter_count(hidden: int) -> int:
    """P(h) = 3 h^2 + 253 h + 9."""
    return 3 * hidden**2 + (WIDTH + 4 + OUTPUTS) * hidden + OUTPUTS


def compression_rate(hidden: int, weights: int) -> float:
    """Paper C's CR: parameters of the predictor over predicted weights of the network (appendix E)."""
    return parameter_count(hidden) / weights
