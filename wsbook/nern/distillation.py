"""The distillation losses of NeRN (Ashkenazi et al. 2022; paper C, equation 1)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

FLOOR = 1e-4  # added to the student's probabilities
NORM_FLOOR = 1e-3  # added to the norm of a feature map


def kd_loss(teacher: Tensor, student: Tensor) -> Tensor:
    """L_KD of logits (B, classes): the mean over images of sum_c p_t (log p_t - log(p_s + 1e-4))."""
    truth = F.log_softmax(teacher, dim=1)
    return (truth.exp() * (truth - (F.softmax(student, dim=1) + FLOOR).log())).sum(1).mean()


def fmd_loss(teacher: Sequence[Tensor], student: Sequence[Tensor]) -> Tensor:
    """L_FMD of feature maps (B, c, h, w): the mean over images of sum_l |a - a^|^2, each map divided by
    its norm plus 1e-3."""
    terms = [(unit(a) - unit(b)).square().sum() for a, b in zip(teacher, student, strict=True)]
    return torch.stack(terms).sum() / len(teacher[0])


def unit(maps: Tensor) -> Tensor:
    """Maps (B, c, h, w) as (B, c h w), each image's divided by its norm plus 1e-3."""
    flat = maps.flatten(1)
    return flat / (flat.norm(dim=1, keepdim=True) + NORM_FLOOR)
