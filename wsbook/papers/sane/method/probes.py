"""Linear probes: how well numbers are told from features of networks that the probe has not seen.

Ridge regression minimises the mean of (x w + b - y)^2 plus strength |w|^2 over the networks it is fitted
on, with features x standardised by these. The strength is chosen on a second part, and the score is
taken on a third.
"""

import math
from collections.abc import Sequence

import torch
from scipy.stats import kendalltau
from torch import Tensor

STRENGTHS = tuple(10 ** (power / 2) for power in range(-12, 7))  # from 1e-6 to 1e3

Parts = Sequence[Tensor]  # to fit on, to choose on, to test on


def ridge(features: Tensor, targets: Tensor, others: Tensor, strengths: Sequence[float]) -> Tensor:
    """Predictions (S, N) for features `others` (N, F) by ridge regression of targets (M,) on features
    (M, F), at each of S strengths."""
    features, targets, others = (t.double() for t in (features, targets, others))
    mean, scale = features.mean(0), features.std(0, correction=0)
    scale = scale.where(scale > 0, 1.0)  # a constant feature tells nothing
    left, values, right = torch.linalg.svd((features - mean) / scale, full_matrices=False)
    centre = targets.mean()
    penalties = len(targets) * torch.tensor(strengths, dtype=torch.float64)[:, None]
    shrunk = values / (values.square() + penalties) * (left.T @ (targets - centre))
    return centre + shrunk @ right @ ((others - mean) / scale).T


def determination(predicted: Tensor, truth: Tensor) -> float:
    """R^2 = 1 - sum (y^ - y)^2 / sum (y - mean y)^2; 0 if the truth does not vary."""
    truth = truth.double()
    around = (truth - truth.mean()).square().sum()
    return (1 - (predicted - truth).square().sum() / around).item() if around else 0.0


def rank_correlation(predicted: Tensor, truth: Tensor) -> float:
    """Kendall's tau-b; 0 if either does not vary."""
    found = kendalltau(predicted.numpy(), truth.numpy()).statistic
    return 0.0 if math.isnan(found) else float(found)


def probed(features: Parts, targets: Parts) -> tuple[float, float]:
    """R^2 and Kendall's tau on the third part, of ridge regression on the first at the strength with the
    least squared error on the second."""
    chosen = ridge(features[0], targets[0], features[1], STRENGTHS)
    best = (chosen - targets[1]).square().mean(1).argmin()
    predicted = ridge(features[0], targets[0], features[2], [STRENGTHS[best]])[0]
    return determination(predicted, targets[2]), rank_correlation(predicted, targets[2])
