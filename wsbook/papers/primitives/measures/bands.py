"""Figure 2: does a reconstruction keep the bulk of a held-out weight and smooth its peaks?

Coordinates of the synthetic zoo are exchangeable, so "high frequency" means something only if the
errors say so. The control flips the sign of every coordinate by a fixed random pattern, in weights
and reconstructions alike: it leaves all norms and peaks as they are and scrambles frequency.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from wsbook.papers.primitives.measures.trained import reconstructions, rounded
from wsbook.papers.primitives.method.synthetic import stream
from wsbook.papers.primitives.method.training import train
from wsbook.study.experiment import Cell, Measured

BANDS = 8
PEAK_SHARE = 0.05  # coordinates of a sample that count as its peaks, by magnitude


def band_errors(weights: Tensor, approximation: Tensor) -> Tensor:
    """Relative error in equal bands of frequency, low to high: (n, d) x 2 -> (BANDS,)."""
    residual = torch.fft.rfft(weights - approximation).abs().square().sum(0)
    power = torch.fft.rfft(weights).abs().square().sum(0)
    pairs = zip(residual.tensor_split(BANDS), power.tensor_split(BANDS), strict=True)
    return torch.stack([(r.sum() / p.sum()).sqrt() for r, p in pairs])


def slope(weights: Tensor, approximation: Tensor, chosen: Tensor) -> Tensor:
    """Least-squares slope through the origin of w^ against w: 1 keeps the size, below 1 shrinks it."""
    w, a = weights[chosen], approximation[chosen]
    return (w * a).sum() / w.square().sum()


def shape_metrics(weights: Tensor, approximation: Tensor, signs: Tensor) -> tuple[dict, list[float]]:
    """Scalars about one run's held-out rows (n, d), and its error by band."""
    size = weights.abs()
    peaks = size >= size.quantile(1 - PEAK_SHARE, dim=1, keepdim=True)
    plain = band_errors(weights, approximation)
    control = band_errors(weights * signs, approximation * signs)
    metrics = {
        "correlation": torch.corrcoef(torch.stack([weights.flatten(), approximation.flatten()]))[0, 1],
        "low_band_error": plain[0],
        "high_band_error": plain[-1],
        "control_low_band_error": control[0],
        "control_high_band_error": control[-1],
        "band_difference": plain[-1] - plain[0],
        "control_band_difference": control[-1] - control[0],
        "peak_slope": slope(weights, approximation, peaks),
        "bulk_slope": slope(weights, approximation, ~peaks),
    }
    return {name: rounded(value) for name, value in metrics.items()}, [rounded(x) for x in plain]


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """`shape_metrics` of every cell; the curve `bands` runs from low to high frequency."""
    trained = train([cell.setting for cell in cells], [cell.seed for cell in cells], device)
    _, held_out = (x.cpu() for x in reconstructions(trained))
    results = []
    for run, cell in enumerate(cells):
        coins = torch.randint(0, 2, (cell.setting.d,), generator=stream(cell.seed, "signs"))
        metrics, bands = shape_metrics(trained.test[run].cpu(), held_out[run], 2.0 * coins - 1)
        results.append(Measured(metrics, {"bands": bands}))
    return results
