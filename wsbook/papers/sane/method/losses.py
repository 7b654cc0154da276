"""The losses of weight autoencoders: reconstruction under five normalisations, and contrast.

Paper B divides the error of each token by the standard deviation of its weights, padding left out; the mean,
subtracted from target and prediction alike, cancels. What its released code does, and what else one could do,
are the other readings.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.errors import StudyError

NORMALISATIONS = ("none", "layer", "batch", "token", "token with padding")
FLOOR = 1e-3  # added to standard deviations: tokens may hold a single weight
TEMPERATURE = 0.1
MOST_LAYERS = 512  # of any network; to count them would make a GPU wait


def reconstruction_loss(
    predicted: Tensor, target: Tensor, mask: Tensor, layers: Tensor, normalisation: str
) -> Tensor:
    """Mean over weights of ((y^ - y) / (sigma + 1e-3))^2, sigma as `spread`; 1 for "none".

    Tokens (B, W, D), mask (B, W, D) of weights, layers (B, W) of tokens.

    Raises
        StudyError: for an unknown normalisation.
    """
    error = (predicted - target) * mask
    if normalisation != "none":
        error = error / (spread(target, mask, layers, normalisation) + FLOOR)
    return error.square().sum() / mask.sum()


def spread(target: Tensor, mask: Tensor, layers: Tensor, normalisation: str) -> Tensor:
    """Standard deviations (B, W, 1) of the weights that share a scale with each token.

    token: its own weights. token with padding: these and its zeros. layer: those of all tokens of
    its layer in the batch. batch: all of the batch, as the released code has it.

    Raises
        StudyError: for an unknown normalisation.
    """
    if normalisation not in NORMALISATIONS[1:]:
        raise StudyError(
            f"there is no normalisation {normalisation!r}; choose one of {', '.join(NORMALISATIONS)}."
        )
    if normalisation == "token with padding":
        return target.std(dim=-1, keepdim=True, correction=0)
    sums = torch.stack([mask.sum(-1), (target * mask).sum(-1), (target.square() * mask).sum(-1)], dim=-1)
    if normalisation == "batch":
        sums = sums.sum((0, 1)).expand_as(sums)
    if normalisation == "layer":
        totals = sums.new_zeros(MOST_LAYERS, 3).index_add_(0, layers.flatten(), sums.flatten(0, 1))
        sums = totals[layers]
    count, total, squares = sums.unbind(-1)
    count = count.clamp_min(1)  # a token may be all padding
    variance = squares / count - (total / count).square()
    return variance.clamp_min(0).sqrt()[..., None]


def nt_xent(one: Tensor, other: Tensor) -> Tensor:
    """NT-Xent (Chen et al. 2020) of two views (B, p): mean over all 2B projections of the cross-entropy of
    finding its other view among the rest by cosine similarity, at temperature .1.

    Raises
        StudyError: if there is nothing to tell a view from.
    """
    if len(one) < 2:
        raise StudyError("contrast needs at least two windows a batch; raise the batch.")
    views = F.normalize(torch.cat([one, other]), dim=1)
    similarity = views @ views.T / TEMPERATURE
    similarity.fill_diagonal_(-torch.inf)
    partner = torch.arange(len(views), device=views.device).roll(len(one))
    return F.cross_entropy(similarity, partner)
