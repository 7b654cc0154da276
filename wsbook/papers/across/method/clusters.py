"""Kernels by codebooks: k-means of whole kernels, and product quantisation of their rows (Jégou et al. 2011).

Centroids are stored in float16, and indices at the entropy of their histogram or at fixed width.
"""

import torch
from torch import Tensor

from wsbook.papers.across.method import entropy, floats, scaled
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes
from wsbook.papers.across.setting import Rate
from wsbook.weights.codecs import half, lloyd, nearest

PIECES = {"kmeans": 1, "product": 3}  # that a kernel is cut into, each with a codebook of its own


def write(writer: Writer, job: Job) -> None:
    """Scales of layers; then, piece by piece, the codebook and the indices."""
    size = job.setting.size
    for piece in scaled.write(writer, job).chunk(PIECES[job.setting.method], dim=1):
        centroids = half(lloyd(piece.contiguous(), size, job.generator))
        floats.write(writer, centroids)
        entropy.write(writer, nearest(piece, centroids), size)


def read(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    scales, pieces = scaled.read_scales(reader, shapes), PIECES[setting.method]
    values = []
    for _ in range(pieces):
        centroids = floats.read(reader, (setting.size, scaled.WEIGHTS // pieces))
        values.append(centroids[entropy.read(reader, sum(scaled.counts(shapes)), setting.size)])
    return scaled.unscaled(torch.cat(values, dim=1), scales, shapes)
