"""Ranger and Adam, with states that can be saved as tensors, and the schedule of their learning rate.

Ranger is rectified Adam with lookahead and gradient centralisation (Wright 2019).
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

LOOKAHEAD_STEPS = 6
LOOKAHEAD_SHARE = 0.5
LAST_LR = 1e-6  # where the cosine schedule ends


class Resumable(torch.optim.Optimizer):
    """An optimiser whose state goes into a checkpoint."""

    def all_parameters(self) -> list[Tensor]:
        """The parameters of all groups, in order."""
        return [p for group in self.param_groups for p in group["params"]]

    def set_lr(self, lr: float) -> None:
        """Set the learning rate of every group."""
        for group in self.param_groups:
            group["lr"] = lr

    def tensors(self) -> dict[str, Tensor]:
        """All that the next steps depend on beside the parameters, by name."""
        return {
            f"{number}.{name}": value
            for number, p in enumerate(self.all_parameters())
            for name, value in self.state[p].items()
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up the state that `tensors` gave."""
        for number, p in enumerate(self.all_parameters()):
            own = {k.split(".", 1)[1]: v for k, v in tensors.items() if k.startswith(f"{number}.")}
            self.state[p] = {name: value.clone() for name, value in own.items()}


class Adam(Resumable, torch.optim.Adam):
    """Adam with torch's defaults."""


class Ranger(Resumable, torch.optim.RAdam):
    """RAdam on gradients whose rows are centred; every sixth step the weights go half way back.

    Defaults are NeRN's: betas (0.5, 0.999), eps 1e-5, decoupled weight decay 1e-3. All parameters must
    have a gradient in every step.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float = 5e-3):
        kind = {"betas": (0.5, 0.999), "eps": 1e-5, "weight_decay": 1e-3, "decoupled_weight_decay": True}
        super().__init__(parameters, lr, foreach=True, **kind)
        self.steps = 0
        self.slow = [p.detach().clone() for p in self.all_parameters()]

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """One step on the gradients at hand, which it centres in place."""
        parameters = self.all_parameters()
        for p in parameters:
            if p.dim() > 1:
                p.grad.sub_(p.grad.mean(dim=tuple(range(1, p.dim())), keepdim=True))
        super().step()
        self.steps += 1
        if self.steps % LOOKAHEAD_STEPS == 0:
            torch._foreach_lerp_(self.slow, parameters, LOOKAHEAD_SHARE)
            torch._foreach_copy_(parameters, self.slow)

    def tensors(self) -> dict[str, Tensor]:
        """As of every optimiser, with the slow weights of lookahead and the number of steps."""
        slow = {f"slow.{number}": weights for number, weights in enumerate(self.slow)}
        return super().tensors() | slow | {"steps": torch.tensor(self.steps)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up the state that `tensors` gave."""
        super().restore(tensors)
        self.steps = int(tensors["steps"])
        for number, weights in enumerate(self.slow):
            weights.copy_(tensors[f"slow.{number}"])


def cosine_lr(step: int, steps: int, lr: float, warmup: int = 0) -> float:
    """Learning rate of a step, counted from 0: from `lr` along half a cosine to 1e-6.

    Over the first `warmup` steps it rises in a straight line instead.
    """
    cosine = LAST_LR + (lr - LAST_LR) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return cosine * min(1.0, (step + 1) / (warmup + 1))
