"""Kernels as sparse codes over a dictionary that all layers share: paper A's way.

K-SVD learns the atoms, which are stored with 8 bits a number; orthogonal matching pursuit codes the kernels over the atoms
as stored. A kernel's atoms are written in rising order as gaps, with a histogram for each place in that order, so that
their order costs next to nothing. Coefficients share one grid.
"""

import torch
from torch import Tensor

from wsbook.papers.across.method import entropy, grid, scaled
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes
from wsbook.papers.across.setting import Rate
from wsbook.papers.primitives.method.coding import omp
from wsbook.papers.primitives.method.ksvd import ksvd

ITERATIONS = 10
ATOM_BITS = 8


def write(writer: Writer, job: Job) -> None:
    """Scales; atoms; gaps between the atoms of a kernel; coefficients."""
    size, rank, bits = job.setting.size, job.setting.rank, job.setting.bits
    values = scaled.write(writer, job)
    atoms = grid.round_rows(ksvd(values, size, rank, ITERATIONS, job.generator).dictionary, ATOM_BITS)
    grid.write(writer, [atoms])
    codes = omp(values, atoms.values, rank)
    used = codes.abs().topk(rank).indices.sort().values
    first = torch.full_like(used[:, :1], -1)
    for gap in used.diff(prepend=first, dim=1).T - 1:
        entropy.write(writer, gap, size)
    grid.write(writer, [grid.round_rows(codes.gather(1, used).reshape(1, -1), bits)])


def read(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    scales, count = scaled.read_scales(reader, shapes), sum(scaled.counts(shapes))
    (atoms,) = grid.read(reader, [(setting.size, scaled.WEIGHTS)], ATOM_BITS)
    gaps = torch.stack([entropy.read(reader, count, setting.size) for _ in range(setting.rank)], dim=1)
    used = (gaps + 1).cumsum(1) - 1
    (coefficients,) = grid.read(reader, [(1, count * setting.rank)], setting.bits)
    codes = coefficients.reshape(count, setting.rank, 1)
    return scaled.unscaled((codes * atoms[used]).sum(1), scales, shapes)
