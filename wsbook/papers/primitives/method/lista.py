"""LISTA (Gregor & LeCun 2010): a few steps of ISTA, unrolled into an encoder and then learned."""

import torch
from torch import Tensor, nn

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import (
    check_penalty,
    largest_eigenvalue_bound,
    lasso,
    lasso_objective,
)

_TARGETS = ("objective", "codes")


class Lista(nn.Module):
    """Encoder of `layers` + 1 soft thresholdings with shared weights, a learned analysis transform.

    a₀ = soft(w E, θ), then `layers` times a ← soft(w E + a S, θ), with E (d, k), S (k, k) and a
    threshold θ for every atom. Untrained, it is `layers` + 1 steps of ISTA from zero: E = Dᵀ/L,
    S = I - D Dᵀ/L, θ = penalty/L, where L bounds the largest eigenvalue of D Dᵀ. Stacked
    dictionaries D (..., k, d) make a stack of independent encoders.
    """

    def __init__(self, D: Tensor, penalty: float, layers: int):
        """Raises StudyError for a bad penalty or less than 0 layers."""
        check_penalty("Lista", penalty)
        if layers < 0:
            raise StudyError(f"Lista: layers is {layers}, but it is a count; give at least 0.")
        super().__init__()
        self.penalty, self.layers = penalty, layers
        gram = D @ D.mT
        step = 1 / largest_eigenvalue_bound(gram)
        identity = torch.eye(gram.shape[-1]).to(gram)
        self.register_buffer("dictionary", D.clone())
        self.filters = nn.Parameter((step * D).mT.contiguous())
        self.inhibition = nn.Parameter(identity - step * gram)
        self.threshold = nn.Parameter(step * penalty * torch.ones_like(gram[..., :1, :]))

    def forward(self, W: Tensor) -> Tensor:
        """W (..., N, d) → codes (..., N, k)."""
        drive = W @ self.filters
        threshold = self.threshold.clamp(min=0)
        A = _soft(drive, threshold)
        for _ in range(self.layers):
            A = _soft(drive + A @ self.inhibition, threshold)
        return A

    @torch.no_grad()
    def encode(self, W: Tensor) -> Tensor:
        """Codes (..., N, k) of W (..., N, d), without a graph."""
        return self(W)


def train_lista(
    encoder: Lista,
    W: Tensor,
    epochs: int,
    generator: torch.Generator,
    target: str = "objective",
    batch_size: int = 64,
    learning_rate: float = 1e-3,
) -> list[float]:
    """Train an encoder with Adam on W (..., N, d), in place; returns the mean loss of every epoch.

    target "codes" is Gregor & LeCun's loss ‖a - a*‖², a mean over samples, with a* the lasso codes;
    "objective" minimises ½‖w - a D‖² + penalty‖a‖₁ itself, with D fixed. Stacked encoders train
    independently of one another on the same order of samples. Raises StudyError for another target.
    """
    if target not in _TARGETS:
        raise StudyError(f"train_lista: target is {target!r}; choose one of {', '.join(_TARGETS)}.")
    D, penalty = encoder.dictionary, encoder.penalty
    wanted = lasso(W, D, penalty) if target == "codes" else None
    optimiser = torch.optim.Adam(encoder.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(W.shape[-2], generator=generator).to(W.device)
        total = 0.0
        for batch in order.split(batch_size):
            w = W[..., batch, :]
            A = encoder(w)
            if wanted is None:
                loss = lasso_objective(w, D, A, penalty)
            else:
                loss = (A - wanted[..., batch, :]).square().sum(-1).mean(-1)
            optimiser.zero_grad()
            loss.sum().backward()
            optimiser.step()
            total += float(loss.detach().mean()) * len(batch) / len(order)
        losses.append(total)
    return losses


def _soft(A: Tensor, threshold: Tensor) -> Tensor:
    return A - A.clamp(-threshold, threshold)
