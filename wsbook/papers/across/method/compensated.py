"""Rounding that makes up for its own errors (GPTQ: Frantar et al. 2023; optimal brain quantisation by columns).

Layer by layer, with the layers before it already rounded, the weight W (cout, n) is to keep the layer's output on
some training images: minimise ||(W - W^) X||^2 for inputs X (n, samples), n = cin * k * k. One column after the other
is rounded to the grid, and its error e = (w - w^) / U_jj is taken off the columns that follow, W <- W - e U_j, where
U is the upper Cholesky factor of (X X^T + damping)^-1. Columns of large input go first.
"""

import copy
from contextlib import suppress

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.data.imageset import standardise
from wsbook.papers.across.method import grid
from wsbook.papers.across.method.container import Writer
from wsbook.papers.across.method.job import Job

IMAGES = 256  # of training, that inputs of layers are taken from
CHUNK = 32  # images whose inputs are unfolded at a time
DAMPING = 0.01  # of the mean diagonal of X X^T


class Reached(Exception):
    """The layer that was waited for has its input; what comes after it need not run."""


def write(writer: Writer, job: Job) -> None:
    """Levels and steps of all layers; read as nearest rounding is."""
    net, inputs = copy.deepcopy(job.source.net).eval(), calibration(job)
    layers = [
        module for module in net.modules() if isinstance(module, nn.Conv2d)
    ]  # in the order of the pass
    matrices = []
    for layer in layers:
        rounded = compensate(layer.weight.detach().flatten(1), gram(net, layer, inputs), job.setting.bits)
        layer.weight.data = rounded.values.reshape(layer.weight.shape)
        matrices.append(rounded)
    grid.write(writer, matrices)


def calibration(job: Job) -> Tensor:
    """Training images (n, C, H, W), standardised, drawn without replacement."""
    images = job.source.images("train").images
    chosen = torch.randperm(len(images), generator=job.generator)[:IMAGES]
    return standardise(images[chosen], job.source.mean, job.source.std)


@torch.no_grad()
def gram(net: nn.Module, layer: nn.Conv2d, inputs: Tensor) -> Tensor:
    """X X^T (n, n), float64, of a convolution's unfolded inputs when the network sees images."""
    found = torch.zeros(layer.weight[0].numel(), layer.weight[0].numel(), dtype=torch.float64)

    def look(module: nn.Conv2d, arguments: tuple[Tensor]) -> None:
        unfolded = F.unfold(
            arguments[0], module.kernel_size, padding=module.padding, stride=module.stride
        )  # (images, n, places)
        columns = unfolded.transpose(0, 1).flatten(1)
        found.add_((columns @ columns.T).double())
        raise Reached

    handle = layer.register_forward_pre_hook(look)
    for part in inputs.split(CHUNK):
        with suppress(Reached):
            net(part)
    handle.remove()
    return found


def compensate(weight: Tensor, gram: Tensor, bits: int) -> grid.Rounded:
    """A weight (cout, n) on the grid of its rows, with X X^T (n, n) of its inputs."""
    steps = grid.fitted_steps(weight, bits)
    order = gram.diagonal().argsort(descending=True)
    damped = gram[order][:, order] + DAMPING * gram.diagonal().mean().clamp_min(1e-12) * torch.eye(
        len(gram)
    )
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    upper = torch.linalg.cholesky(inverse, upper=True)
    left = weight.double()[:, order]
    levels = torch.empty(weight.shape, dtype=torch.int64)
    for j, column in enumerate(order.tolist()):
        levels[:, column] = grid.nearest(left[:, j], steps.double(), bits)
        error = left[:, j] - grid.on_grid(levels[:, column], steps.double(), bits)
        left[:, j:] -= torch.outer(error / upper[j, j], upper[j, j:])
    return grid.Rounded(levels, steps, bits)
