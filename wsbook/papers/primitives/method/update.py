"""One update rule for Adam, AdamW, RMSprop and SGD, with coefficients of its own for every run.

    g <- g + coupled * p
    m <- b1 * m + g
    v <- b2 * v + g^2
    p <- p * (1 - decoupled) - s_t * m / (r_t * sqrt(v) + eps)

The usual factors (1 - b1), (1 - b2) and the bias corrections sit in the scalars s_t and r_t, which
leaves seven passes over the parameters. A parameter whose gradient is always zero stays where it is.
"""

import torch
from torch import Tensor

from wsbook.papers.primitives.setting import Setting

EPS = 1e-8  # PyTorch's default for Adam and RMSprop
RMSPROP_ALPHA = 0.99  # PyTorch's default


def coefficients(setting: Setting, step: int) -> tuple[float, float, float, float, float, float]:
    """(b1, b2, eps / s_t, r_t / s_t, coupled, 1 - decoupled) of step 1, 2, ..."""
    lr, decay = setting.lr, setting.weight_decay
    if setting.optimiser == "sgd":
        return 0.0, 0.0, 1 / lr, 0.0, 0.0, 1.0
    if setting.optimiser == "rmsprop":
        return 0.0, RMSPROP_ALPHA, EPS / lr, (1 - RMSPROP_ALPHA) ** 0.5 / lr, 0.0, 1.0
    b1, b2 = setting.beta1, setting.beta2
    s = lr * (1 - b1) / (1 - b1**step)
    r = ((1 - b2) / (1 - b2**step)) ** 0.5
    if setting.optimiser == "adamw" or setting.decoupled_decay:
        return b1, b2, EPS / s, r / s, 0.0, 1 - lr * decay
    return b1, b2, EPS / s, r / s, decay, 1.0


def coefficient_table(settings: list[Setting], steps: int, device: str) -> Tensor:
    """All coefficients, shape (steps, 6, runs, 1, 1); computed in float64, stored in float32."""
    rows = [[coefficients(s, t) for s in settings] for t in range(1, steps + 1)]
    table = torch.tensor(rows, dtype=torch.float64).transpose(1, 2)
    return table[..., None, None].to(device, torch.float32)


class Moments:
    """The moving averages of one stacked parameter of shape (runs, rows, columns)."""

    def __init__(self, parameter: Tensor):
        self.parameter = parameter
        self.first = torch.zeros_like(parameter)
        self.second = torch.zeros_like(parameter)
        self.scratch = torch.empty_like(parameter)

    def step(self, gradient: Tensor, row: Tensor, decays: bool) -> None:
        """Apply one step in place; `row` (6, runs, 1, 1) is that of `coefficient_table`.

        `decays` says whether any run of the stack has weight decay; `gradient` may be overwritten.
        """
        b1, b2, eps, scale, coupled, kept = row
        if decays:
            gradient.addcmul_(self.parameter, coupled)
            self.parameter.mul_(kept)
        torch.addcmul(gradient, self.first, b1, out=self.first)
        self.second.mul_(b2).addcmul_(gradient, gradient)
        torch.sqrt(self.second, out=self.scratch).mul_(scale).add_(eps)
        self.parameter.addcdiv_(self.first, self.scratch, value=-1)
