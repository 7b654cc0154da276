"""Networks that train on from given weights: what accuracy a number of epochs buys.

How far a start has to go decides which learning rate suits it, and so does the time there is. So networks
train at all rates of a grid, and what e epochs buy is read at the rate with the best mean validation accuracy
after e epochs. Rates are constant: the first e epochs of a longer training are a training of e epochs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.zoo.growth import grow
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

DECIMALS = 5  # of accuracies in curves


@dataclass(frozen=True)
class Course:
    """N networks on their way."""

    accuracy: Tensor  # (N, epochs + 1) on test images, before the first epoch and after each
    lr: list[float]  # the learning rates at which they are read, epochs + 1 of them

    def metrics(self, name: str) -> dict[str, float]:
        """NAME_0, _1 and _last: mean accuracies at first, after one epoch and in the end. NAME_area: the
        area under the curve of mean accuracies, divided by the epochs."""
        mean = self.accuracy.mean(0)
        area = torch.trapezoid(mean) / (len(mean) - 1)
        found = {"0": mean[0], "1": mean[1], "last": mean[-1], "area": area}
        return {f"{name}_{key}": value.item() for key, value in found.items()}

    def curves(self, name: str) -> dict[str, list[float]]:
        """NAME: the curve of mean accuracies. NAME_networks: those of all networks, one after the other.
        NAME_lr: the learning rates."""
        found = {name: self.accuracy.mean(0), f"{name}_networks": self.accuracy.flatten()}
        curves = {key: [round(value, DECIMALS) for value in curve.tolist()] for key, curve in found.items()}
        return curves | {f"{name}_lr": self.lr}


def course(start: Tensor, on: Task, zoo: Zoo, rates: Sequence[float], first_seed: int) -> Course:
    """Train weight vectors (N, P) at every learning rate, for the epochs and with the batches of a zoo.

    At every rate the n-th network sees the images in the order of the n-th seed from `first_seed`.
    """
    count, stack = len(start), zoo.architecture.stack
    seeds = torch.arange(first_seed, first_seed + count).repeat(len(rates))
    every = start.repeat(len(rates), 1), torch.tensor(rates).repeat_interleave(count), seeds
    stacks = zip(*(values.split(stack) for values in every))
    grown = torch.cat([_grown(*each, on, zoo) for each in stacks], dim=1)
    val, test = grown.unflatten(1, (len(rates), count))
    chosen = val.mean(1).argmax(0).cpu()  # of equals, the first
    return Course(test[chosen, :, torch.arange(len(chosen))].T, [rates[number] for number in chosen])


def _grown(start: Tensor, lr: Tensor, seeds: Tensor, on: Task, zoo: Zoo) -> Tensor:
    """Accuracies (2, N, epochs + 1) of networks as they train, on validation and on test images."""
    network = zoo.architecture
    generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]

    def scores(weights: Tensor) -> Tensor:
        return torch.stack([network.score(weights, on, part)[0] for part in ("val", "test")])

    later = (scores(weights) for weights, _ in grow(network, start, on.train, zoo, lr, generators))
    return torch.stack([scores(start), *later], dim=2)
