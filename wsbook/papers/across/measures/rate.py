"""Measure a way to store a network: bytes on disk, and what the network that is read back can do."""

import copy
import time
from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from wsbook.nets.evaluate import BATCH
from wsbook.nets.folding import folded
from wsbook.nets.originals import Original, original
from wsbook.papers.across.method.codec import decode, encode
from wsbook.papers.across.method.job import Job
from wsbook.papers.across.setting import Rate
from wsbook.papers.nern.measures.layers import layer_distances
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.framed import framed


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: what is decoded from the bytes, on the CPU.

    Metrics: `bytes`; `bits_per_weight`, of which the weights are those of convolutions and linear layers; accuracies on
    validation and test images, and the original's; `drop` in test accuracy; `one_right`, the share of test images that
    only one of the two gets right; `rmse` of the convolutions; seconds to encode and to decode. Curve: `layer_rmse`.
    """
    return [_measure(cell.setting, cell.seed) for cell in cells]


def _measure(setting: Rate, seed: int) -> Measured:
    source = original(setting.network)
    start = time.perf_counter()
    data = encode(Job(source, setting, seed))
    encoded = time.perf_counter()
    state = decode(data)
    decoded = time.perf_counter()
    net = copy.deepcopy(source.net)
    net.load_state_dict(state)
    metrics = stored(source, data) | performance(source, net) | errors(source, state)
    metrics |= {"encode_seconds": encoded - start, "decode_seconds": decoded - encoded}
    kernels = framed(state, source.frame.layers).values
    curves = {"layer_rmse": layer_distances(source, source.frame.values, kernels)}
    return Measured(metrics, curves, source.fingerprints("train", "val", "test"))


def stored(source: Original, data: bytes) -> dict[str, float]:
    """Bytes, and bits for each weight of a convolution or a linear layer."""
    weights = sum(tensor.numel() for tensor in source.net.state_dict().values() if tensor.dim() > 1)
    return {"bytes": float(len(data)), "bits_per_weight": 8 * len(data) / weights}


def performance(source: Original, net: nn.Module) -> dict[str, float]:
    """Accuracies of the network that was read back, and of the original."""
    right, before = right_on(source, net, "test"), original_right(source.name, "test")
    found = {
        "test_accuracy": share(right),
        "original_test": share(before),
        "one_right": share(right != before),
        "val_accuracy": share(right_on(source, net, "val")),
        "original_val": share(original_right(source.name, "val")),
    }
    return found | {"drop": found["original_test"] - found["test_accuracy"]}


def errors(source: Original, state: dict[str, Tensor]) -> dict[str, float]:
    """Root mean square error of the convolutions' weights."""
    before = source.net.state_dict()
    apart = [(state[name] - before[name]).flatten() for name in source.frame.layers]
    return {"rmse": torch.cat(apart).double().square().mean().sqrt().item()}


def right_on(source: Original, net: nn.Module, part: str) -> Tensor:
    """Which images (n,) of a part a network classifies correctly."""
    inputs, labels = source.inputs(part)
    net = folded(net)
    with torch.inference_mode():
        return torch.cat([net(batch).argmax(1) for batch in inputs.split(BATCH)]) == labels


@cache
def original_right(name: str, part: str) -> Tensor:
    """Which images (n,) of a part the original classifies correctly."""
    return right_on(original(name), original(name).net, part)


def share(which: Tensor) -> float:
    """How many of a set (n,) of bools are true, 0 to 1."""
    return which.double().mean().item()
