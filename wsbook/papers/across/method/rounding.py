"""Every weight rounded to the nearest level of its output channel's grid."""

from torch import Tensor

from wsbook.papers.across.method import grid
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes, matrix_shapes, shaped
from wsbook.papers.across.setting import Rate


def write(writer: Writer, job: Job) -> None:
    """Levels and steps of all layers."""
    grid.write(writer, [grid.round_rows(w.flatten(1), job.setting.bits) for w in job.weights.values()])


def read(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    return shaped(grid.read(reader, matrix_shapes(shapes), setting.bits), shapes)
