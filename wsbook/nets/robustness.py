"""Accuracy of a network on clean, corrupted and adversarial images, in one pass over the images."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from statistics import fmean

import torch
from torch import Tensor, nn

from wsbook.data.imageset import standardise
from wsbook.errors import StudyError
from wsbook.nets.attacks import EPSILONS, Statistic, gradient_signs, iterated_fgsm, shifted
from wsbook.nets.evaluate import BATCH

Corrupt = Callable[[Tensor, str, int, torch.Generator], Tensor]  # images uint8 (N, H, W, C) to the same


@dataclass(frozen=True)
class Trials:
    """What the images of a network are put through, beside being shown as they are."""

    corruptions: tuple[str, ...] = ()
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)  # of every corruption
    epsilons: tuple[float, ...] = EPSILONS  # of FGSM, on the scale of pixels from 0 to 1
    iterated_epsilons: tuple[float, ...] = ()  # of I-FGSM: `steps` times as dear
    steps: int = 10  # of I-FGSM, each of length epsilon / steps

    def __post_init__(self) -> None:
        if self.steps < 1 or any(epsilon < 0 for epsilon in self.epsilons + self.iterated_epsilons):
            raise StudyError("attacks need steps >= 1 and epsilons >= 0.")


def robustness(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    mean: Statistic,
    std: Statistic,
    trials: Trials,
    corrupt: Corrupt,
    generator: torch.Generator,
    batch: int = BATCH,
) -> dict[str, float]:
    """Accuracies, from 0 to 1, of `net` on images uint8 (N, H, W, C) with labels (N,).

    Keys: "clean"; "ood_NAME" of each corruption, averaged over severities, and "ood", their mean, where
    there are any; "fgsm_E" and "ifgsm_E" of each epsilon of E / 255. With equal generators and batches,
    two networks meet the same corrupted images.
    """
    hits, shown = Counter(), Counter()
    training = net.training
    net.eval()
    for pixels, truth in zip(images.split(batch), labels.split(batch)):
        for trial, inputs in variants(net, pixels, truth, mean, std, trials, corrupt, generator):
            with torch.no_grad():
                hits[trial] += (net(inputs).argmax(1) == truth).sum().item()
            shown[trial] += len(truth)
    net.train(training)
    scores = {trial: hits[trial] / shown[trial] for trial in shown}
    if trials.corruptions:
        scores["ood"] = fmean(scores[f"ood_{name}"] for name in trials.corruptions)
    return scores


def variants(
    net: nn.Module,
    pixels: Tensor,
    labels: Tensor,
    mean: Statistic,
    std: Statistic,
    trials: Trials,
    corrupt: Corrupt,
    generator: torch.Generator,
) -> Iterator[tuple[str, Tensor]]:
    """Keys of `robustness`, and one batch of inputs (N, C, H, W) that counts for each.

    The gradient by the clean inputs serves FGSM at every epsilon.
    """
    inputs = standardise(pixels, mean, std)
    yield "clean", inputs
    for name, severity in product(trials.corruptions, trials.severities):
        yield f"ood_{name}", standardise(corrupt(pixels, name, severity, generator), mean, std)
    if trials.epsilons:
        signs = gradient_signs(net, inputs, labels)
        for epsilon in trials.epsilons:
            yield f"fgsm_{255 * epsilon:g}", shifted(inputs, signs, epsilon, mean, std)
    for epsilon in trials.iterated_epsilons:
        moved = iterated_fgsm(
            net, inputs, labels, epsilon, mean, std, step=epsilon / trials.steps, steps=trials.steps
        )
        yield f"ifgsm_{255 * epsilon:g}", moved
