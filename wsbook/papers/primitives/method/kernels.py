"""Dictionaries for the 3x3 kernels of a trained ResNet, against standard codecs at equal storage.

Section 7 of paper A leaves "real CNN zoos on vision tasks" to future work. Here a kernel is stored as
a sparse code over a dictionary that all layers share, and the network's test accuracy is measured
with its kernels replaced by what was stored. Before any codec each layer is scaled to unit root mean
square; the scale is one float a layer, and counted.

A codec's settings are tried on a fixed grid; within a budget of bits a weight the one that leaves the
smallest error of the weights is taken, so that no choice looks at an image.
"""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.evaluate import evaluate
from wsbook.nets.resnet import ResNet, fused
from wsbook.papers.primitives.method.coding import omp
from wsbook.papers.primitives.method.errors import global_error
from wsbook.papers.primitives.method.ksvd import ksvd
from wsbook.weights.codecs import (
    CODEBOOK_BITS,
    STEP_BITS,
    Coded,
    half,
    layer_low_rank,
    low_rank,
    quantise,
    scalar_codebook,
    vector_codebook,
)
from wsbook.weights.kernels import Kernels, kernels, with_kernels

ATOMS = (64, 256)
SPARSITIES = (1, 2, 3, 4, 5, 6)
COEFFICIENT_BITS = (2, 3, 4, 5, 6, 7, 8)
RANK_SHARES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
KSVD_ITERATIONS = 10

Setting = dict[str, float]
Trials = Iterator[tuple[Setting, Coded]]


@dataclass(frozen=True)
class Stored:
    """Kernels as a codec gives them back."""

    values: Tensor  # (N, 9), in the network's scale
    bits: float  # a weight, everything counted
    error: float  # ||W - W^||_F / ||W||_F over all kernels, in the network's scale
    setting: Setting


def sparse_codec(values: Tensor, dictionary: Tensor, codes: Tensor, sparsity: int, bits: int) -> Coded:
    """Sparse codes (N, k) over a dictionary (k, d), with the nonzero coefficients quantised to `bits`.

    A kernel takes ceil(log2 C(k, s)) bits to say which s atoms it uses and s coefficients; then there
    are the atoms, in float16 (as `dictionary` must already be), and one quantiser step.
    """
    quantised, used = torch.zeros_like(codes), codes != 0
    quantised[used] = quantise(codes[used][:, None], bits)[:, 0]
    support = math.ceil(math.log2(math.comb(len(dictionary), sparsity)))
    stored = len(values) * (support + sparsity * bits) + dictionary.numel() * CODEBOOK_BITS + STEP_BITS
    return Coded(quantised @ dictionary, stored)


def _dictionary(values: Tensor, which: Kernels, generator: torch.Generator) -> Trials:
    for atoms in ATOMS:
        for sparsity in SPARSITIES:
            learned = ksvd(values, atoms, sparsity, KSVD_ITERATIONS, generator)
            dictionary = half(learned.dictionary)
            codes = omp(values, dictionary, sparsity)
            for bits in COEFFICIENT_BITS:
                setting = {"atoms": atoms, "sparsity": sparsity, "coefficient_bits": bits}
                yield setting, sparse_codec(values, dictionary, codes, sparsity, bits)


def _svd(values: Tensor, which: Kernels, generator: torch.Generator) -> Trials:
    for rank in range(1, values.shape[1] + 1):
        for bits in COEFFICIENT_BITS:
            yield {"rank": rank, "coefficient_bits": bits}, low_rank(values, rank, bits)


def _svd_layer(values: Tensor, which: Kernels, generator: torch.Generator) -> Trials:
    last = [part.amax(0).tolist() for part in which.coordinates.split(which.counts)]
    shapes = [(filters + 1, channels + 1) for _, filters, channels in last]
    for share in RANK_SHARES:
        for bits in COEFFICIENT_BITS:
            setting = {"rank_share": share, "coefficient_bits": bits}
            yield setting, layer_low_rank(values, shapes, share, bits)


def _kmeans(values: Tensor, which: Kernels, generator: torch.Generator) -> Trials:
    for bits in range(1, min(12, int(math.log2(len(values)))) + 1):
        yield {"centroids": 2**bits}, vector_codebook(values, 2**bits, generator)


def _kmeans_scalar(values: Tensor, which: Kernels, generator: torch.Generator) -> Trials:
    for bits in range(1, 7):
        yield {"index_bits": bits}, scalar_codebook(values, which.counts, bits, generator)


METHODS: dict[str, Callable[[Tensor, Kernels, torch.Generator], Trials]] = {
    "dictionary": _dictionary,  # sparse codes over a K-SVD dictionary
    "svd": _svd,  # of the (N, 9) matrix of all kernels
    "svd-layer": _svd_layer,  # of each layer's (filters, channels x 9) matrix
    "kmeans": _kmeans,  # a codebook of kernels
    "kmeans-scalar": _kmeans_scalar,  # a codebook of single weights for each layer
}


def store(
    which: Kernels, method: str, budgets: Sequence[float], generator: torch.Generator
) -> list[Stored | None]:
    """For each budget in bits a weight, what `method` makes of the kernels within it.

    None where the grid of the method has nothing that fits.

    Raises
        StudyError: for an unknown method.
    """
    if method not in METHODS:
        raise StudyError(f"there is no codec {method!r}; choose one of {', '.join(METHODS)}.")
    layer = which.coordinates[:, 0]
    mean_square = torch.stack([p.square().mean() for p in which.values.split(which.counts)])
    scale = mean_square.sqrt()[layer][:, None]
    side_bits = STEP_BITS * len(which.layers)
    best: list[Stored | None] = [None] * len(budgets)
    for setting, coded in METHODS[method](which.values / scale, which, generator):
        values = coded.values * scale
        bits = (coded.bits + side_bits) / values.numel()
        stored = Stored(values, bits, global_error(which.values, values).item(), setting)
        for number, budget in enumerate(budgets):
            rival = best[number]
            if bits <= budget and (rival is None or stored.error < rival.error):
                best[number] = stored
    return best


def kernel_dictionary_curve(
    net: ResNet,
    method: str,
    budgets: Sequence[float],
    inputs: Tensor,
    labels: Tensor,
    generator: torch.Generator,
) -> list[dict[str, float]]:
    """Bits, relative error and test accuracy of a network whose 3x3 kernels went through a codec.

    One row a budget that the method can meet: `budget` and `bits` a weight, `error`, `accuracy` and
    `loss` on inputs (n, C, H, W) with labels (n,), and the codec's setting. All weights but the 3x3
    kernels stay as they are. Methods: "dictionary", "svd", "svd-layer", "kmeans", "kmeans-scalar".
    """
    net = copy.deepcopy(net)
    state = net.state_dict()
    which = kernels(state)
    rows = []
    for budget, stored in zip(budgets, store(which, method, budgets, generator)):
        if stored is not None:
            net.load_state_dict(with_kernels(state, which, stored.values))
            score = evaluate(fused(net), inputs, labels)
            rows.append(
                {"budget": budget, "bits": stored.bits, "error": stored.error}
                | {"accuracy": score.accuracy, "loss": score.loss}
                | stored.setting
            )
    return rows
