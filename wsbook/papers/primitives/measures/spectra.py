"""Do generated weights match the principal spectral characteristics of true ones (abstract)?

New weights come from codes whose columns are shuffled over samples, each atom keeping its own
distribution of coefficients. They are compared with held-out true weights, beside a second set of
true weights (how close is close?) and two nulls that know nothing of the true dictionary.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from wsbook.papers.primitives.measures.trained import rounded
from wsbook.papers.primitives.method.projection import pseudo_inverse_codes
from wsbook.papers.primitives.method.synthetic import stream
from wsbook.papers.primitives.method.training import train
from wsbook.study.experiment import Cell, Measured

BANDS = 32


def shuffled(codes: Tensor, generator: torch.Generator) -> Tensor:
    """Every column of codes (n, k) in a random order of its own."""
    order = torch.rand(codes.shape, generator=generator).argsort(dim=0)
    return codes.gather(0, order)


def singular_distance(weights: Tensor, reference: Tensor, k: int) -> float:
    """||s - s'|| / ||s'|| of the k leading singular values of two sets of equally many rows."""
    ours, theirs = (torch.linalg.svdvals(x)[:k] for x in (weights, reference))
    return ((ours - theirs).norm() / theirs.norm()).item()


def log_spectral_distance(weights: Tensor, reference: Tensor) -> float:
    """Root mean square over bands of the difference in log10 mean power along the coordinates, in dB."""
    power = [torch.fft.rfft(x).abs().square().mean(0) for x in (weights, reference)]
    bands = [torch.stack([b.mean() for b in p.tensor_split(BANDS)]) for p in power]
    return (10 * (bands[0] / bands[1]).log10()).square().mean().sqrt().item()


def subspace_overlap(weights: Tensor, reference: Tensor, k: int) -> float:
    """Share of the reference's k leading directions inside the k leading ones of `weights`, 0 to 1."""
    ours, theirs = (torch.linalg.svd(x, full_matrices=False).Vh[:k] for x in (weights, reference))
    return (ours @ theirs.T).square().sum().item() / k


def candidate_sets(
    train_rows: Tensor, codes: Tensor, dictionary: Tensor, generator: torch.Generator
) -> dict[str, Tensor]:
    """Sets of as many weight vectors as there are training rows, by how they were made.

    generated: shuffled learned codes. projected: shuffled Moore-Penrose codes of the training rows.
    random_atoms: the same codes as `projected` on Gaussian atoms of the same norms.
    gaussian: independent coordinates with the training rows' variances.
    """
    projected = shuffled(pseudo_inverse_codes(train_rows, dictionary), generator)
    gaussian = torch.randn(dictionary.shape, generator=generator)
    norms = dictionary.norm(dim=1, keepdim=True) / gaussian.norm(dim=1, keepdim=True)
    noise = torch.randn(train_rows.shape, generator=generator)
    return {
        "generated": shuffled(codes, generator) @ dictionary,
        "projected": projected @ dictionary,
        "random_atoms": projected @ (gaussian * norms),
        "gaussian": noise * train_rows.square().mean(0).sqrt(),
    }


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Distances NAME_singular, NAME_power (dB) and overlap NAME_overlap of every candidate set.

    The test rows are twice as many as the training rows: the first half is the reference, the second
    the candidate `true`. Curves: singular values of the reference and of each candidate.
    """
    trained = train([cell.setting for cell in cells], [cell.seed for cell in cells], device)
    results = []
    for run, cell in enumerate(cells):
        k = cell.setting.k
        dictionary, codes = trained.dictionary[run, :k].cpu(), trained.codes[run, :, :k].cpu()
        reference, true = trained.test[run].cpu().chunk(2)
        rows = trained.train[run].cpu()
        sets = candidate_sets(rows, codes, dictionary, stream(cell.seed, "generate")) | {"true": true}
        metrics, curves = {}, {"reference": reference}
        for name, weights in sets.items():
            metrics[f"{name}_singular"] = singular_distance(weights, reference, k)
            metrics[f"{name}_power"] = log_spectral_distance(weights, reference)
            metrics[f"{name}_overlap"] = subspace_overlap(weights, reference, k)
            curves[name] = weights
        values = {name: torch.linalg.svdvals(x)[: 2 * k].tolist() for name, x in curves.items()}
        results.append(
            Measured(
                {name: rounded(x) for name, x in metrics.items()},
                {name: [rounded(x) for x in curve] for name, curve in values.items()},
            )
        )
    return results
