"""Training of one small network. All data stay resident as tensors: standardise once, index after that."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.errors import StudyError

Augment = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Every setting is one that the zoo's stacks of networks share."""

    epochs: int
    batch: int = 32
    lr: float = 3e-3
    optimiser: str = "adam"  # or "adamw", "sgd" (momentum 0.9)
    weight_decay: float = 0.0
    schedule: str = "cosine"  # to zero over all steps, or "constant"

    def optimise(self, parameters: list[Tensor]) -> torch.optim.Optimizer:
        """The optimiser on these parameters.

        Raises
            StudyError: for an unknown optimiser.
        """
        if self.optimiser == "sgd":
            kind = {"momentum": 0.9}
            return torch.optim.SGD(parameters, self.lr, weight_decay=self.weight_decay, **kind)
        makers = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        if self.optimiser not in makers:
            raise StudyError(f"there is no optimiser {self.optimiser!r}; choose one of adam, adamw, sgd.")
        return makers[self.optimiser](parameters, self.lr, weight_decay=self.weight_decay, fused=True)

    def lr_at(self, step: int, steps: int) -> float:
        """Learning rate of a step, counted from 0.

        Raises
            StudyError: for an unknown schedule.
        """
        if self.schedule not in ("cosine", "constant"):
            raise StudyError(f"there is no schedule {self.schedule!r}; choose one of cosine, constant.")
        return self.lr * (0.5 + 0.5 * math.cos(math.pi * step / steps) if self.schedule == "cosine" else 1)


def initialise(net: nn.Module, generator: torch.Generator) -> nn.Module:
    """Draw all weights and biases afresh from U(-1/sqrt(fan_in), 1/sqrt(fan_in)), torch's default law.

    Batch normalisation starts as the identity. Returns the network itself.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = 1 / math.sqrt(module.weight[0].numel())
            for parameter in module.parameters(recurse=False):
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
    return net


def flip_and_crop(images: Tensor, generator: torch.Generator, pad: int = 4) -> Tensor:
    """Each image (N, C, H, W) mirrored with probability 1/2 and cropped at random after zero-padding."""
    n, _, height, width = images.shape
    device = images.device
    flips = torch.rand(n, 1, generator=generator, device=device) < 0.5
    rows = torch.randint(2 * pad + 1, (n, 1), generator=generator, device=device)
    columns = torch.randint(2 * pad + 1, (n, 1), generator=generator, device=device)
    across = torch.arange(width, device=device).expand(n, width)
    columns = torch.where(flips, across.flip(1), across) + columns
    rows = torch.arange(height, device=device) + rows
    padded = F.pad(images, (pad,) * 4).permute(0, 2, 3, 1)
    picked = padded[torch.arange(n, device=device)[:, None, None], rows[:, :, None], columns[:, None]]
    return picked.permute(0, 3, 1, 2)


def train(
    net: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    recipe: Recipe,
    generator: torch.Generator,
    augment: Augment | None = None,
) -> list[float]:
    """Train `net` in place on inputs (N, C, H, W) with labels (N,); mean loss of each epoch.

    A last batch that is not full is left out of its epoch.
    """
    optimiser = recipe.optimise(list(net.parameters()))
    batches = len(inputs) // recipe.batch
    net.train()
    history = []
    for epoch in range(recipe.epochs):
        order = torch.randperm(len(inputs), generator=generator, device=generator.device).to(inputs.device)
        total = torch.zeros((), device=inputs.device)
        for number, picked in enumerate(order[: batches * recipe.batch].view(batches, -1)):
            for group in optimiser.param_groups:
                group["lr"] = recipe.lr_at(epoch * batches + number, recipe.epochs * batches)
            images = inputs[picked]
            loss = F.cross_entropy(net(augment(images, generator) if augment else images), labels[picked])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.detach()
        history.append(total.item() / batches)
    net.eval()
    return history
