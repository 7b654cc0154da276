"""Measure accuracy with weights in int8, the network's own or its predictor's: table 5.

Only weights are quantised, symmetrically and with one scale an output channel, see
`wsbook.weights.quantise`; the paper also quantises the network's activations.
"""

import copy
from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

from wsbook.nets.evaluate import evaluate
from wsbook.nets.originals import original
from wsbook.papers.nern.measures.distilled import parameters_of
from wsbook.papers.nern.method.fitted import predict, targets_of
from wsbook.papers.nern.method.network import accuracy, original_accuracy
from wsbook.papers.nern.method.predictor import Predictor, set_vector, vector_of
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.quantise import quantised_state


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Test accuracy of the network and of what its predictor makes of it, in float32 and in int8."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def in_int8(hidden: int, vector: Tensor) -> Tensor:
    """Parameters (P,) of a predictor with its weights quantised and back."""
    predictor = set_vector(Predictor(hidden, torch.Generator()), vector)
    return vector_of(list(quantised_state(predictor.state_dict()).values()))


@cache
def network_in_int8(name: str) -> float:
    """Test accuracy of an original with its convolutions and last layer in int8."""
    source = original(name)
    net = copy.deepcopy(source.net)
    net.load_state_dict(quantised_state(net.state_dict()))
    return evaluate(net, *source.inputs("test")).accuracy


def _measure(setting: Distillation, seed: int, device: str) -> Measured:
    source = original(setting.network)
    targets = targets_of(source, setting.order, "cpu")
    vector = parameters_of(setting, seed, device).cpu()
    exact, rounded = (
        accuracy(source, predict(setting.hidden, v, targets), "test")
        for v in (vector, in_int8(setting.hidden, vector))
    )
    metrics = {
        "original": original_accuracy(source.name, "test"),
        "original_int8": network_in_int8(source.name),
        "predicted": exact,
        "predicted_int8": rounded,
    }
    return Measured(metrics, {}, source.fingerprints("test"))
