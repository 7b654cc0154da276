"""A trained network as bytes, and back: whatever is needed to rebuild it is in the bytes.

They begin with a header in JSON that names architecture, method and parameters; then comes what all methods store
alike (`rest`), then the convolutions as the method writes them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.across.method import (
    clusters,
    compensated,
    dictionary,
    halves,
    low_rank,
    predictors,
    pruned,
    rest,
    rounding,
)
from wsbook.papers.across.method.container import DAMAGED, Reader, Writer
from wsbook.papers.across.method.job import Job, Shapes, blank, convolutions
from wsbook.papers.across.setting import Rate


@dataclass(frozen=True)
class Method:
    """How convolutions are written and read."""

    write: Callable[[Writer, Job], None]
    read: Callable[[Reader, Rate, Shapes], dict[str, Tensor]]


HALVES = Method(halves.write, halves.read)
CLUSTERS = Method(clusters.write, clusters.read)
METHODS = {
    "float16": HALVES,
    "bfloat16": HALVES,
    "nearest": Method(rounding.write, rounding.read),
    "compensated": Method(compensated.write, rounding.read),
    "pruned": Method(pruned.write, pruned.read),
    "kmeans": CLUSTERS,
    "product": CLUSTERS,
    "kernel-svd": Method(low_rank.write_kernels, low_rank.read_kernels),
    "layer-svd": Method(low_rank.write_layers, low_rank.read_layers),
    "dictionary": Method(dictionary.write, dictionary.read),
    "predictor": Method(predictors.write, predictors.read),
}


def encode(job: Job) -> bytes:
    """The network of a job, stored as its setting says.

    Raises
        StudyError: if the method cannot store this network.
    """
    writer, state = Writer(), job.source.net.state_dict()
    writer.add(json.dumps(_header(job), separators=(",", ":")).encode())
    rest.write(writer, state)
    METHODS[job.setting.method].write(writer, job)
    return writer.whole()


def decode(data: bytes) -> dict[str, Tensor]:
    """The state dict that `encode` stored: batch normalisation as in `rest`, all floats in float32.

    Raises
        StudyError: if the bytes are damaged or of another format.
    """
    reader = Reader(data)
    like, setting = _described(reader.take())
    state = rest.read(reader, like)
    shapes = {name: tensor.shape for name, tensor in convolutions(like).items()}
    state |= METHODS[setting.method].read(reader, setting, shapes)
    reader.finish()
    return {name: state[name] for name in like}


def _header(job: Job) -> dict[str, object]:
    """What the reader must know first; parameters that are 0 go without saying."""
    state = job.source.net.state_dict()
    first, last = next(iter(job.weights.values())), list(state.values())[-1]
    network = {"architecture": job.source.architecture, "classes": len(last), "channels": first.shape[1]}
    return network | {name: value for name, value in asdict(job.setting).items() if value}


def _described(header: bytes) -> tuple[Mapping[str, Tensor], Rate]:
    try:
        known = json.loads(header)
        network = [known.pop(name) for name in ("architecture", "classes", "channels")]
        return blank(*network), Rate(**known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StudyError(DAMAGED.format("the header cannot be read")) from error
