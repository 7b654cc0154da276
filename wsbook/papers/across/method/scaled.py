"""The 3x3 kernels of all layers as rows of one matrix, every layer at unit root mean square."""

import torch
from torch import Tensor

from wsbook.papers.across.method import floats
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes
from wsbook.weights.kernels import kernels

WEIGHTS = 9  # of a kernel


def write(writer: Writer, job: Job) -> Tensor:
    """Write the scales of the layers; returns the kernels (N, 9), scaled."""
    which = kernels(job.weights)
    parts = which.values.split(which.counts)
    scales = torch.stack([part.square().mean().sqrt() for part in parts]).bfloat16().float()
    floats.write(writer, scales, torch.bfloat16)
    return torch.cat([part / scale for part, scale in zip(parts, scales)])


def counts(shapes: Shapes) -> list[int]:
    """Kernels of each layer."""
    return [shape[:2].numel() for shape in shapes.values()]


def read_scales(reader: Reader, shapes: Shapes) -> Tensor:
    """Scales (layers,)."""
    return floats.read(reader, (len(shapes),), torch.bfloat16)


def unscaled(values: Tensor, scales: Tensor, shapes: Shapes) -> dict[str, Tensor]:
    """Weights by name of scaled kernels (N, 9)."""
    parts = zip(shapes.items(), values.split(counts(shapes)), scales)
    return {name: (part * scale).reshape(shape) for (name, shape), part, scale in parts}
