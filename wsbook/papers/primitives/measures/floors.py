"""What any method could reach on the synthetic zoo: oracle, PCA, chance, and the noise itself."""

from collections.abc import Sequence

import torch

from wsbook.papers.primitives.measures.trained import rounded
from wsbook.papers.primitives.method.errors import global_error, outside_span, sample_error
from wsbook.papers.primitives.method.synthetic import SyntheticZoo, draw_start, draw_zoo
from wsbook.study.experiment import Cell, Measured


def floor_errors(zoo: SyntheticZoo, random_basis: torch.Tensor) -> dict[str, float]:
    """Global test errors of subspaces that need no dictionary learning.

    oracle: span of D0. pca: the k leading right singular vectors of the training rows. all_train:
    the span of all training rows. random: k Gaussian directions (expected: sqrt(1 - k / d)).
    noise_floor: ||epsilon|| / ||w||, the error of a method that knows every clean weight.
    """
    k = len(random_basis)
    principal = torch.linalg.svd(zoo.train, full_matrices=False).Vh
    clean = zoo.test - zoo.test_noise
    return {
        "oracle": outside_span(zoo.test, zoo.dictionary).item(),
        "pca": outside_span(zoo.test, principal[:k]).item(),
        "all_train": outside_span(zoo.test, principal).item(),
        "random": outside_span(zoo.test, random_basis).item(),
        "noise_floor": global_error(zoo.test, clean).item(),
        "noise_per_sample": sample_error(zoo.test, clean).item(),
    }


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """The `floor_errors` of each cell; too small to gain from a GPU, so always on the CPU."""
    results = []
    for cell in cells:
        basis, _ = draw_start(cell.setting, cell.seed)
        errors = floor_errors(draw_zoo(cell.setting, cell.seed), basis)
        results.append(Measured({name: rounded(x) for name, x in errors.items()}, {}))
    return results
