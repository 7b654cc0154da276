"""Training of many networks at once, epoch by epoch, each with a learning rate of its own."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.zoo.networks import Network
from wsbook.zoo.setting import Zoo

BETAS = (0.9, 0.999)
EPS = 1e-8


class StackedAdam:
    """AdamW on a stack of weight vectors (M, P), with learning rates (M,)."""

    def __init__(self, weights: Tensor, lr: Tensor, weight_decay: float = 0.0):
        self.weights, self.lr, self.weight_decay = weights, lr[:, None], weight_decay
        self.first, self.second = torch.zeros_like(weights), torch.zeros_like(weights)
        self.steps = 0

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """One update in place by the gradients (M, P)."""
        self.steps += 1
        b1, b2 = BETAS
        self.first.lerp_(gradient, 1 - b1)
        self.second.mul_(b2).addcmul_(gradient, gradient, value=1 - b2)
        if self.weight_decay:
            self.weights.mul_(1 - self.lr * self.weight_decay)
        below = (self.second / (1 - b2**self.steps)).sqrt_().add_(EPS)
        self.weights.addcdiv_(self.first * (self.lr / (1 - b1**self.steps)), below, value=-1)


def learning_rates(zoo: Zoo, generators: Sequence[torch.Generator]) -> Tensor:
    """Learning rates (M,), each drawn from its model's generator."""
    drawn = [2 * torch.rand((), generator=generator) - 1 for generator in generators]
    return zoo.lr * 10 ** (zoo.spread * torch.stack(drawn))


def grow(
    network: Network,
    weights: Tensor,
    data: tuple[Tensor, Tensor],
    zoo: Zoo,
    lr: Tensor,
    generators: Sequence[torch.Generator],
) -> Iterator[tuple[Tensor, Tensor]]:
    """Train from weights (M, P); after every epoch yields copies of them, and the mean losses (M,).

    Each network sees the inputs in the order that its own generator draws, at its own learning rate of `lr`
    (M,). A last batch that is not full is left out of its epoch.
    """
    inputs, labels = data
    weights, at_once = weights.clone(), len(weights) if weights.is_cuda else network.stack
    optimiser = StackedAdam(weights, lr.to(weights.device), zoo.weight_decay)
    batch = min(zoo.batch, len(inputs))
    used = len(inputs) // batch * batch
    for _ in range(zoo.epochs):
        order = torch.stack([torch.randperm(len(inputs), generator=g) for g in generators])
        total = torch.zeros(len(weights), device=weights.device)
        for picked in order[:, :used].to(inputs.device).split(batch, dim=1):
            found = [
                slopes(network, some, inputs[rows], labels[rows])
                for some, rows in zip(weights.split(at_once), picked.split(at_once))
            ]
            losses, gradients = map(torch.cat, zip(*found))
            optimiser.step(gradients)
            total += losses * (batch / used)
        yield weights.clone(), total


def slopes(network: Network, weights: Tensor, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean losses (M,) of weights (M, P) on inputs (M, B, ...) with labels (M, B), and gradients (M, P)."""
    weights = weights.detach().requires_grad_()
    out = network.logits(weights, inputs)
    losses = F.cross_entropy(out.mT, labels, reduction="none").mean(1)
    return losses.detach(), torch.autograd.grad(losses.sum(), weights)[0]
