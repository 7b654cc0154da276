"""Truncated singular value decompositions: of the matrix of all kernels, and of each layer's own matrix."""

import torch
from torch import Tensor

from wsbook.papers.across.method import floats, grid, scaled
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes, matrix_shapes, shaped
from wsbook.papers.across.setting import Rate
from wsbook.weights.codecs import half


def write_kernels(writer: Writer, job: Job) -> None:
    """Scales; a basis (rank, 9) in float16; coefficients of all kernels, a grid a direction."""
    values = scaled.write(writer, job)
    basis = half(torch.linalg.svd(values, full_matrices=False).Vh[: job.setting.rank])
    floats.write(writer, basis)
    for coefficients in (values @ torch.linalg.pinv(basis)).T:
        grid.write(writer, [grid.round_rows(coefficients[None], job.setting.bits)])


def read_kernels(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    scales = scaled.read_scales(reader, shapes)
    basis = floats.read(reader, (setting.rank, scaled.WEIGHTS))
    each = [(1, sum(scaled.counts(shapes)))]
    rows = [grid.read(reader, each, setting.bits)[0] for _ in range(setting.rank)]
    return scaled.unscaled(torch.cat(rows).T @ basis, scales, shapes)


def rank_of(shape: tuple[int, int], share: float) -> int:
    """How many singular vectors a matrix keeps: a share of its full rank, rounded, and at least one."""
    return max(1, round(share * min(shape)))


def write_layers(writer: Writer, job: Job) -> None:
    """Both factors of each layer, U sqrt(S) and V sqrt(S), a grid a direction."""
    factors = []
    for weight in job.weights.values():
        matrix = weight.flatten(1)
        u, s, vh = torch.linalg.svd(matrix, full_matrices=False)
        rank = rank_of(matrix.shape, job.setting.share)
        root = s[:rank, None].sqrt()
        factors += [grid.round_rows(f, job.setting.bits) for f in (u.T[:rank] * root, vh[:rank] * root)]
    grid.write(writer, factors)


def read_layers(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    sizes = matrix_shapes(shapes)
    wanted = [(rank_of(size, setting.share), length) for size in sizes for length in size]
    factors = grid.read(reader, wanted, setting.bits)
    return shaped([left.T @ right for left, right in zip(factors[::2], factors[1::2])], shapes)
