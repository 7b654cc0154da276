"""A coordinate network that predicts the kernels, trained on reconstruction alone: NeRN, as paper C has it.

The predictors are paper C's own, from the shelf. Stored are their weights, in half precision or on a grid for each output
channel, their biases in float16, and the order of the kernels, rank by rank.
"""

import torch
from torch import Tensor

from wsbook.papers.across.method import floats, grid
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes
from wsbook.papers.across.setting import Rate
from wsbook.papers.nern.method.embedding import points
from wsbook.papers.nern.method.fitted import trained
from wsbook.papers.nern.method.predictor import Predictor, set_vector
from wsbook.papers.nern.setting import Reconstruction
from wsbook.weights.framed import framed, weights_of
from wsbook.weights.ordering import ordered_coordinates
from wsbook.weights.storage import pack_order, unpack_order

ORDER = "in-filter"
HALF = 16  # bits
SHORT = {
    "steps": 2000,
    "batch": 512,
    "lr": 1e-2,
}  # as in c-reconstruction, so that its predictors serve here too


def training(network: str, hidden: int) -> Reconstruction:
    """How paper C trains the predictor of a network; for digits, how this book does."""
    recipe = SHORT if network.endswith("digits") else {}
    return Reconstruction(network, hidden, order=ORDER, **recipe)


def write(writer: Writer, job: Job) -> None:
    """The predictor, then the order of the kernels."""
    hidden, bits = job.setting.size, job.setting.bits
    vector = trained(training(job.setting.network, hidden), job.seed, "cpu")
    state = set_vector(Predictor(hidden, torch.Generator()), vector).state_dict()
    matrices = [tensor for tensor in state.values() if tensor.dim() == 2]
    if bits == HALF:
        floats.write(writer, torch.cat([matrix.flatten() for matrix in matrices]))
    else:
        grid.write(writer, [grid.round_rows(matrix, bits) for matrix in matrices])
    floats.write(writer, torch.cat([tensor for tensor in state.values() if tensor.dim() == 1]))
    frame = job.source.frame
    writer.add(pack_order(frame, ordered_coordinates(frame, ORDER), ORDER))


def read(reader: Reader, setting: Rate, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name."""
    predictor = Predictor(setting.size, torch.Generator())
    state = predictor.state_dict()
    matrices = {name: tensor.shape for name, tensor in state.items() if tensor.dim() == 2}
    biases = {name: len(tensor) for name, tensor in state.items() if tensor.dim() == 1}
    if setting.bits == HALF:
        sizes = [shape.numel() for shape in matrices.values()]
        values = floats.read(reader, (sum(sizes),)).split(sizes)
    else:
        values = grid.read(reader, [tuple(shape) for shape in matrices.values()], setting.bits)
    loaded = {name: part.reshape(matrices[name]) for name, part in zip(matrices, values)}
    parts = floats.read(reader, (sum(biases.values()),)).split(list(biases.values()))
    predictor.load_state_dict(loaded | dict(zip(biases, parts)))
    return predicted(predictor, reader.take(), shapes)


@torch.no_grad()
def predicted(predictor: Predictor, order: bytes, shapes: Shapes) -> dict[str, Tensor]:
    """The weights by name that a predictor gives at kernels in the stored order."""
    zeros = {name: torch.zeros(shape) for name, shape in shapes.items()}
    frame = framed(zeros)
    kernels = predictor(points(unpack_order(frame, order, ORDER)))
    return weights_of(frame, zeros, kernels)
