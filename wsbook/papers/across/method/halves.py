"""Convolutions in half precision."""

import torch
from torch import Tensor

from wsbook.papers.across.method import floats
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes
from wsbook.papers.across.setting import Rate

KINDS = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def write(writer: Writer, job: Job) -> None:
    """The weights as float16 or bfloat16."""
    values = torch.cat([weight.flatten() for weight in job.weights.values()])
    floats.write(writer, values, KINDS[job.setting.method])


def read(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    sizes = [shape.numel() for shape in shapes.values()]
    parts = floats.read(reader, (sum(sizes),), KINDS[setting.method]).split(sizes)
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts)}
