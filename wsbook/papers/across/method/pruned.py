"""The weights of largest magnitude in the whole network, rounded; all others are 0.

Places and levels are one sequence of symbols a layer: 0 where nothing is kept, otherwise 1 + level. With a histogram
for each layer its entropy is that of the places plus that of the levels that are kept.
"""

import torch
from torch import Tensor

from wsbook.papers.across.method import entropy, floats, grid
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes, matrix_shapes, shaped
from wsbook.papers.across.setting import Rate


def write(writer: Writer, job: Job) -> None:
    """Symbols layer by layer, then the steps of all output channels."""
    bits = job.setting.bits
    matrices = [weight.flatten(1) for weight in job.weights.values()]
    sizes = torch.cat([matrix.abs().flatten() for matrix in matrices])
    least = sizes.sort(descending=True).values[max(1, round(job.setting.share * len(sizes))) - 1]
    steps = []
    for matrix in matrices:
        kept = matrix.abs() >= least
        steps.append(grid.fitted_steps(matrix, bits, kept))
        levels = grid.nearest(matrix, steps[-1][:, None], bits)
        entropy.write(writer, ((levels + 1) * kept).flatten(), 2**bits + 1)
    floats.write(writer, torch.cat(steps), torch.bfloat16)


def read(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    sizes = matrix_shapes(shapes)
    symbols = [entropy.read(reader, r * n, 2**setting.bits + 1).reshape(r, n) for r, n in sizes]
    rows = [r for r, _ in sizes]
    steps = floats.read(reader, (sum(rows),), torch.bfloat16).split(rows)
    matrices = [
        grid.on_grid(symbol - 1, step[:, None], setting.bits) * (symbol > 0)
        for symbol, step in zip(symbols, steps)
    ]
    return shaped(matrices, shapes)
