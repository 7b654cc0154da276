"""Networks that train on from given weights, at several learning rates."""

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
    """N networks on their way, at one learning rate."""

    lr: float
    test: Tensor  # (N, epochs + 1) accuracies before the first epoch and after each
    val: float  # mean accuracy in the end

    def metrics(self, name: str) -> dict[str, float]:
        """NAME_0, _1 and _last: mean accuracies at first, after one epoch and in the end. NAME_area: the
        area under their curve, divided by the epochs. NAME_lr."""
        mean = self.test.mean(0)
        metrics = {f"{name}_{key}": mean[at].item() for key, at in (("0", 0), ("1", 1), ("last", -1))}
        area = torch.trapezoid(mean).item() / (len(mean) - 1)
        return metrics | {f"{name}_area": area, f"{name}_lr": self.lr}

    def curves(self, name: str) -> dict[str, list[float]]:
        """NAME, the mean curve, and NAME_networks, the curves of all networks, one after the other."""
        found = {name: self.test.mean(0), f"{name}_networks": self.test.flatten()}
        return {key: [round(value, DECIMALS) for value in curve.tolist()] for key, curve in found.items()}


def courses(start: Tensor, on: Task, zoo: Zoo, rates: Sequence[float], first_seed: int) -> list[Course]:
    """Train weight vectors (N, P) at every learning rate, for the epochs and with the batches of a zoo.

    At every rate the n-th network sees the images in the order of the n-th seed from `first_seed`.
    """
    count, stack = len(start), zoo.architecture.stack
    seeds = torch.arange(first_seed, first_seed + count).repeat(len(rates))
    every = start.repeat(len(rates), 1), torch.tensor(rates).repeat_interleave(count), seeds
    stacks = zip(*(values.split(stack) for values in every))
    test, val = map(torch.cat, zip(*(_grown(*each, on, zoo) for each in stacks)))
    parts = zip(rates, test.split(count), val.split(count))
    return [Course(rate, accuracies, last.mean().item()) for rate, accuracies, last in parts]


def _grown(start: Tensor, lr: Tensor, seeds: Tensor, on: Task, zoo: Zoo) -> tuple[Tensor, Tensor]:
    """Test accuracies (N, epochs + 1) of networks as they train; validation accuracies (N,) in the end."""
    network = zoo.architecture
    generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    test = [network.score(start, on, "test")[0]]
    for weights, _ in grow(network, start, on.train, zoo, lr, generators):
        test.append(network.score(weights, on, "test")[0])
    return torch.stack(test, dim=1), network.score(weights, on, "val")[0]
