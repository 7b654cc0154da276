"""Training and scoring many CNN-s at once against one `nn.Module` after another.

Images are made up, which does not change the arithmetic. Both ways see the same images in the same orders,
and their losses and accuracies are compared before anything is timed.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.timing import paired, wall_seconds
from wsbook.nets.cnn import SmallCNN
from wsbook.nets.evaluate import evaluate
from wsbook.study.run import steady_process
from wsbook.weights.flatten import unflatten
from wsbook.zoo.growth import grow
from wsbook.zoo.networks import StackedCNN
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

BATCHES = (10, 64, 128)
AGREEMENT = 1e-3  # relative, of mean losses: rounding grows from step to step
ALONE = 250  # images at a time where one network is scored: the fastest of 50, 64, 250 and 1000
NETWORK: StackedCNN = Zoo(network="cnn-s").architecture

Data = tuple[Tensor, Tensor]  # inputs (N, 1, 28, 28), labels (N,)


@dataclass(frozen=True)
class Size:
    """How much is timed."""

    images: int = 1000
    singles: int = 4  # networks that the plain way trains a repeat
    candidates: int = 200
    repeats: int = 5
    gpu_networks: int = 500


SMALL = Size(images=128, singles=1, candidates=20, repeats=1, gpu_networks=3)


def random_data(images: int) -> Data:
    """Images of ten random patterns in noise, so that losses fall and tell whether two ways learn alike."""
    generator = torch.Generator().manual_seed(0)
    shape = (1, NETWORK.side, NETWORK.side)
    labels = torch.randint(10, (images,), generator=generator)
    patterns = torch.randn(10, *shape, generator=generator)
    return patterns[labels] + torch.randn(images, *shape, generator=generator), labels


def starts(count: int) -> Tensor:
    """Initial weight vectors (count, P)."""
    return NETWORK.initial([torch.Generator().manual_seed(seed) for seed in range(count)])


def stacked_epoch(weights: Tensor, data: Data, batch: int) -> Tensor:
    """Mean losses (M,) of an epoch of all networks at once."""
    zoo = Zoo(network="cnn-s", models=len(weights), epochs=1, kept=1, batch=batch)
    orders = [torch.Generator().manual_seed(seed) for seed in range(len(weights))]
    ((_, losses),) = grow(NETWORK, weights, data, zoo, torch.full((len(weights),), zoo.lr), orders)
    return losses


def plain_epochs(weights: Tensor, data: Data, batch: int) -> Tensor:
    """The same as a user would write it, one network after another, with the fastest of torch's Adams."""
    inputs, labels = data
    losses = []
    for seed, start in enumerate(weights):
        net = SmallCNN(NETWORK.spec).to(start.device)
        net.load_state_dict(unflatten(start, NETWORK.shapes))
        optimiser = torch.optim.Adam(net.parameters(), Zoo().lr, fused=True)
        order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed)).to(inputs.device)
        batches = order[: len(order) // batch * batch].split(batch)
        total = torch.zeros((), device=inputs.device)
        for picked in batches:
            loss = F.cross_entropy(net(inputs[picked]), labels[picked])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.detach()
        losses.append(total / len(batches))
    return torch.stack(losses)


def training_row(size: Size, batch: int) -> dict:
    """Images a second and core of a stack against the plain loop."""
    data, weights = random_data(size.images), starts(NETWORK.stack)
    some = weights[: size.singles]
    found, expected = stacked_epoch(weights, data, batch)[: size.singles], plain_epochs(some, data, batch)
    torch.testing.assert_close(found, expected, rtol=AGREEMENT, atol=0)
    ours, theirs = paired(
        lambda: stacked_epoch(weights, data, batch), lambda: plain_epochs(some, data, batch), size.repeats
    )
    seen = size.images // batch * batch
    return row(
        f"zoo: training CNN-s at batch {batch}, images per second and core",
        len(weights) * seen / ours,
        "one nn.Module after another, torch's fused Adam",
        len(some) * seen / theirs,
        f"{len(weights)} networks at once, {size.repeats} alternating repeats of an epoch of {seen} images",
    )


def gpu_row(size: Size, batch: int, device: str = "cuda") -> dict:
    """Images a second of many networks at once on a GPU against one after another on the same one."""
    data = tuple(tensor.to(device) for tensor in random_data(size.images))
    weights = starts(size.gpu_networks).to(device)
    some = weights[: size.singles]
    found, expected = stacked_epoch(weights, data, batch)[: size.singles], plain_epochs(some, data, batch)
    torch.testing.assert_close(found, expected, rtol=AGREEMENT, atol=0)
    seen = size.images // batch * batch
    ours = len(weights) * seen / wall_seconds(stacked_epoch, weights, data, batch)
    theirs = len(some) * seen / wall_seconds(plain_epochs, some, data, batch)
    return {
        "name": f"zoo: training CNN-s at batch {batch} on a GPU, images per second",
        "device": device,
        "value": ours,
        "unit": "images/s",
        "baseline": "one nn.Module after another on the same GPU, torch's fused Adam",
        "baseline_value": theirs,
        "ratio": ours / theirs,
        "note": f"{len(weights)} networks at once, an epoch of {seen} images, once",
    }


def scores_one_by_one(weights: Tensor, data: Data) -> Tensor:
    """Accuracies (M,) of one network after another."""
    net, found = SmallCNN(NETWORK.spec), []
    for vector in weights:
        net.load_state_dict(unflatten(vector, NETWORK.shapes))
        found.append(evaluate(net, *data, batch=ALONE).accuracy)
    return torch.tensor(found, dtype=torch.float64)


def scoring_row(size: Size) -> dict:
    """Scoring candidates at once against one by one."""
    data, weights = random_data(size.images), starts(size.candidates)
    on = Task(data, data, data)
    found, expected = NETWORK.score(weights, on, "val")[0], scores_one_by_one(weights, data)
    torch.testing.assert_close(found, expected, rtol=0, atol=2 / size.images)  # logits may tie to rounding
    ours, theirs = paired(
        lambda: NETWORK.score(weights, on, "val"), lambda: scores_one_by_one(weights, data), size.repeats
    )
    return row(
        f"zoo: scoring {len(weights)} candidates of CNN-s, images per second and core",
        len(weights) * size.images / ours,
        f"one nn.Module after another, {ALONE} images at a time",
        len(weights) * size.images / theirs,
        f"{size.repeats} alternating repeats on {size.images} images",
    )


def row(name: str, value: float, baseline: str, baseline_value: float, note: str) -> dict:
    """A row of the table, in images per second of CPU time."""
    return {
        "name": name,
        "value": value,
        "unit": "images/s",
        "baseline": baseline,
        "baseline_value": baseline_value,
        "ratio": value / baseline_value,
        "note": f"one thread, medians; {note}",
    }


def measure(small: bool = False) -> list[dict]:
    """Training at three batch sizes, and scoring; where there is a GPU, training on it."""
    steady_process()
    size = SMALL if small else Size()
    rows = [*(training_row(size, batch) for batch in BATCHES), scoring_row(size)]
    return [*rows, *(gpu_row(size, batch) for batch in BATCHES)] if torch.cuda.is_available() else rows
