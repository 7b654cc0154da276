"""Measure what a network and the predictor of its kernels take on disk: appendix E, and table 5's sizes.

The paper's rate counts parameters of the predictor over predicted weights. What must be stored besides
is the order of the kernels, batch normalisation, the last layer, and convolutions that are not
predicted. No size depends on the values of weights, so that nothing is trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.library import network, predicted_layers
from wsbook.papers.nern.method.predictor import Predictor, compression_rate
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.framed import framed
from wsbook.weights.quantise import quantised_tensors
from wsbook.weights.storage import permutation_bytes, tensor_bytes


@dataclass(frozen=True)
class Pair:
    """A network for colour images, and the hidden size of its predictor."""

    architecture: str = "resnet20"
    classes: int = 10
    hidden: int = 140
    order: str = "in-filter"

    def __post_init__(self) -> None:
        if self.hidden <= 0 or self.classes <= 0:
            raise StudyError(
                f"hidden size and classes must be positive, not {self.hidden} and {self.classes}."
            )


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Sizes in bytes, of float32 and of int8 files, and rates; the seed changes nothing."""
    return [Measured(sizes(cell.setting), {}) for cell in cells]


def sizes(pair: Pair) -> dict[str, float]:
    """Bytes of each part of both ways of storing a network; `saved` counts all, `cr` is the paper's."""
    state = network(pair.architecture, pair.classes, channels=3).state_dict()
    predicted = predicted_layers(pair.architecture)
    frame = framed(state, predicted)
    predictor = Predictor(pair.hidden, torch.Generator()).state_dict()
    rest = {name: tensor for name, tensor in state.items() if name not in predicted}
    order = permutation_bytes(frame, pair.order)
    found = {f"original_{kind}": size for kind, size in both(state).items()}
    found |= {f"predictor_{kind}": size for kind, size in both(predictor).items()}
    found |= {"order_bytes": order, "rest_bytes": tensor_bytes(rest)}
    extra = order + found["rest_bytes"]
    return {name: float(size) for name, size in found.items()} | {
        "cr": compression_rate(pair.hidden, int(frame.present.sum())),
        "saved": (found["predictor_bytes"] + extra) / found["original_bytes"],
        "saved_int8": (found["predictor_int8"] + extra) / found["original_int8"],
    }


def both(tensors: dict[str, Tensor]) -> dict[str, int]:
    """Bytes of the file of these tensors, and of one with its weights in int8."""
    return {"bytes": tensor_bytes(tensors), "int8": tensor_bytes(quantised_tensors(tensors))}
