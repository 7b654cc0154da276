"""Relative reconstruction errors, in the two ways the paper's formula ||w - w^|| / ||w|| can be read."""

import torch
from torch import Tensor


def global_error(weights: Tensor, approximation: Tensor) -> Tensor:
    """Frobenius norms of whole sets: (..., n, d) x 2 -> (...)."""
    residual = torch.linalg.vector_norm(weights - approximation, dim=(-2, -1))
    return residual / torch.linalg.vector_norm(weights, dim=(-2, -1))


def sample_error(weights: Tensor, approximation: Tensor) -> Tensor:
    """Mean over samples of each one's own relative error: (..., n, d) x 2 -> (...)."""
    residual = torch.linalg.vector_norm(weights - approximation, dim=-1)
    return (residual / torch.linalg.vector_norm(weights, dim=-1)).mean(-1)


def outside_span(weights: Tensor, basis: Tensor) -> Tensor:
    """Global error of the best approximation in the row space of `basis` (r, d)."""
    rows = torch.linalg.qr(basis.T).Q
    return global_error(weights, weights @ rows @ rows.T)
