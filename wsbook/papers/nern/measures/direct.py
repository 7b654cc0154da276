"""Measure networks whose weights are altered directly, with no predictor: figures 7 to 9 (appendix A).

A seed is a tenth of the test images, with all classes in equal shares: what is altered is the same for
all seeds, and what varies is who is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.evaluate import Score, evaluate
from wsbook.nets.folding import folded
from wsbook.nets.originals import Original, original
from wsbook.papers.nern.method.network import rebuilt
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.framed import framed
from wsbook.weights.smoothing import READINGS, add_noise, in_layers, low_pass, scale_last_singular_values
from wsbook.weights.spectra import s_ratio

FOLDS = 10
KINDS = ("low-pass", "singular-values")


@dataclass(frozen=True)
class Alteration:
    """What is done to all convolutions of one block (stage) of a network."""

    network: str = "resnet20-cifar10"
    kind: str = "low-pass"  # or "singular-values": of each layer the last 15 are scaled
    block: int = 1
    strength: float = 23.53  # cut-off D_0 of the low-pass filter, or factor of the singular values
    reading: str = "flat-index"  # of the filter's frequencies, see `low_pass`
    noise: int = 0  # if positive, instead the noise of this number that is as large in every layer

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise StudyError(f"there is no alteration {self.kind!r}; choose one of {', '.join(KINDS)}.")
        if self.reading not in READINGS:
            raise StudyError(
                f"there is no reading {self.reading!r} of the filter; choose one of {', '.join(READINGS)}."
            )
        if self.strength < 0 or (self.kind == "low-pass" and self.strength == 0):
            raise StudyError(f"the strength of an alteration must be positive, not {self.strength}.")
        if self.block < 1 or self.noise < 0:
            raise StudyError(f"blocks count from 1 and noises from 0, not {self.block} and {self.noise}.")


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Accuracy and loss on a tenth of the test images, minus the original's, and differences of S_ratio."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def layers_of(source: Original, block: int) -> list[str]:
    """The convolutions of one block.

    Raises
        StudyError: if there is none.
    """
    layers = [name for name in source.frame.layers if name.startswith(f"layer{block}.")]
    if not layers:
        raise StudyError(f"{source.name} has no block {block}; choose a lower one.")
    return layers


def altered(setting: Alteration) -> dict[str, Tensor]:
    """The state dict of the network with one block altered."""
    source = original(setting.network)
    generator = torch.Generator().manual_seed(setting.noise)
    alter = function_of(setting)

    def noisy(weight: Tensor) -> Tensor:
        size = (alter(weight) - weight).square().mean().sqrt().item()
        return add_noise(weight, size, generator) if size else weight

    layers = layers_of(source, setting.block)
    return in_layers(source.net.state_dict(), layers, noisy if setting.noise else alter)


def function_of(setting: Alteration) -> Callable[[Tensor], Tensor]:
    """What a setting does to one weight, noise aside."""
    if setting.kind == "low-pass":
        return lambda weight: low_pass(weight, setting.strength, setting.reading)
    return lambda weight: scale_last_singular_values(weight, setting.strength)


@cache
def _original_score(name: str, fold: int, device: str) -> Score:
    source = original(name)
    return _score(source, source.frame.values, fold, device)


def _score(source: Original, kernels: Tensor, fold: int, device: str) -> Score:
    net = folded(rebuilt(source, kernels)).to(device)
    inputs, labels = source.inputs("test")  # sorted by label
    return evaluate(net, inputs[fold::FOLDS].to(device), labels[fold::FOLDS].to(device))


def _measure(setting: Alteration, fold: int, device: str) -> Measured:
    if fold >= FOLDS:
        raise StudyError(f"there are only {FOLDS} parts of the test images; ask for that many seeds.")
    source = original(setting.network)
    state, plain = altered(setting), source.net.state_dict()
    layers = layers_of(source, setting.block)
    kernels = framed(state, source.frame.layers).values
    score, before = _score(source, kernels, fold, device), _original_score(source.name, fold, device)
    changes = [(state[name] - plain[name]).square().mean().sqrt().item() for name in layers]
    ratios = [s_ratio(state[name]) - s_ratio(plain[name]) for name in layers]
    metrics = {
        "accuracy": score.accuracy,
        "gain": score.accuracy - before.accuracy,
        "loss_gain": before.loss - score.loss,
        "size": fmean(changes),
        "s_ratio_gain": fmean(ratios),
    }
    return Measured(metrics, {"layer_s_ratio": ratios}, source.fingerprints("test"))
