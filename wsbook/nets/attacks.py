"""Adversarial images by the fast gradient sign method, once or iterated (Goodfellow et al. 2014).

Attacks are bounded in the maximum norm by `epsilon` on the scale of pixels from 0 to 1, and leave pixels
within that scale. Networks take standardised inputs (pixel - mean) / std; the same bounds hold there after
division by each channel's std.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Statistic = Tensor | Sequence[float]  # one number a channel

EPSILONS = tuple(level / 255 for level in (0.25, 0.5, 1, 2, 4, 8))
# Paper C states no epsilon. FGSM with this one leaves the stored ResNet-20 for CIFAR-10 76.4 % (of 91.7 %)
# of the test images, as paper C's table 1 has it for its own (76.41 % of 91.69 %).
PAPER_EPSILON = 0.3 / 255


def gradient_signs(net: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """Signs (N, C, H, W) of the gradient of each image's cross-entropy by its inputs, in evaluation mode."""
    training = net.training
    net.eval()
    with torch.enable_grad():
        inputs = inputs.detach().requires_grad_()
        loss = F.cross_entropy(net(inputs), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, inputs)  # of the inputs alone: weights cost nothing
    net.train(training)
    return gradient.sign_()


def shifted(inputs: Tensor, signs: Tensor, epsilon: float, mean: Statistic, std: Statistic) -> Tensor:
    """Inputs (N, C, H, W) with every pixel moved by `epsilon` along its sign, kept between 0 and 1."""
    mean, std = per_channel(mean, inputs), per_channel(std, inputs)
    return (inputs + epsilon / std * signs).clamp((0 - mean) / std, (1 - mean) / std)


def per_channel(statistic: Statistic, inputs: Tensor) -> Tensor:
    """One number a channel, (C, 1, 1), of the kind of `inputs` and beside them."""
    return torch.as_tensor(statistic, dtype=inputs.dtype, device=inputs.device).view(-1, 1, 1)


def fgsm(
    net: nn.Module, inputs: Tensor, labels: Tensor, epsilon: float, mean: Statistic, std: Statistic
) -> Tensor:
    """Adversarial inputs x + epsilon sign(dL/dx), for standardised inputs x (N, C, H, W) of labels (N,)."""
    return shifted(inputs, gradient_signs(net, inputs, labels), epsilon, mean, std)


def iterated_fgsm(
    net: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    epsilon: float,
    mean: Statistic,
    std: Statistic,
    step: float,
    steps: int,
) -> Tensor:
    """Adversarial inputs after `steps` moves of size `step`, each brought back to within epsilon of x."""
    reach = epsilon / per_channel(std, inputs)
    moved = inputs
    for _ in range(steps):
        moved = fgsm(net, moved, labels, step, mean, std).clamp(inputs - reach, inputs + reach)
    return moved
