"""Populations of small CNNs that differ in their random seed, trained many at a time.

Each network has its own initialisation and its own order of the images, drawn from its own
generator, so that it does not depend on the networks it happens to be stacked with (to rounding).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.data.imageset import ImageSet, channel_statistics, standardise, stratified_split
from wsbook.data.registry import load
from wsbook.nets.cnn import CNNSpec, SmallCNN
from wsbook.nets.train import Recipe, initialise
from wsbook.weights.flatten import flatten
from wsbook.zoo.stacked import logits, score

STACK = 20  # networks trained at once on a CPU core: more fall out of its cache


@dataclass(frozen=True)
class Task:
    """Standardised images (N, C, H, W) and labels (N,) of one image set, in three parts."""

    train: tuple[Tensor, Tensor]
    val: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Population:
    """Trained networks of one architecture."""

    spec: CNNSpec
    weights: Tensor  # (M, P)
    seeds: tuple[int, ...]
    val_accuracy: Tensor  # (M,) float64
    test_accuracy: Tensor  # (M,) float64


def task(name: str, generator: torch.Generator, train: int = 10_000, val: int = 5_000) -> Task:
    """Train, validation and test part of an image set, standardised with the training part's statistics.

    The digits come in fixed parts and ignore the other arguments. Of other sets, `train` and `val`
    images are drawn from the training split (stratified, disjoint); the test split is used whole.
    """
    if name == "digits":
        parts = [load(name, split) for split in ("train", "val", "test")]
        pixels, labels = [p.images for p in parts], [p.labels for p in parts]
    else:
        source, test = load(name, "train"), load(name, "test")
        pixels, labels = _drawn(source, train, val, generator)
        pixels, labels = [*pixels, test.images], [*labels, test.labels]
    mean, std = channel_statistics(pixels[0])
    return Task(*((standardise(p, mean, std).contiguous(), y) for p, y in zip(pixels, labels)))


def _drawn(
    source: ImageSet, train: int, val: int, generator: torch.Generator
) -> tuple[list[Tensor], list[Tensor]]:
    n = len(source.labels)
    fractions = [train / n, val / n, 1 - (train + val) / n]
    picked = stratified_split(source.labels, fractions, generator)[:2]
    return [source.images[i] for i in picked], [source.labels[i] for i in picked]


def initial_weights(spec: CNNSpec, generators: Sequence[torch.Generator]) -> Tensor:
    """Initial weight vectors (M, P), one a generator: those of `initialise` on a `SmallCNN`."""
    net = SmallCNN(spec)
    drawn = [flatten(initialise(net, generator).state_dict(), spec.shapes) for generator in generators]
    return torch.stack(drawn).detach()


def fit(
    spec: CNNSpec,
    weights: Tensor,
    data: tuple[Tensor, Tensor],
    recipe: Recipe,
    generators: Sequence[torch.Generator],
) -> Tensor:
    """Weight vectors (M, P) after training all M networks from `weights` (M, P) at once.

    Each network sees the images in the order its own generator draws. A last batch that is not full
    is left out of its epoch.
    """
    inputs, labels = data
    weights = weights.clone().requires_grad_()
    optimiser = recipe.optimise([weights])
    batches = len(inputs) // recipe.batch
    for epoch in range(recipe.epochs):
        order = torch.stack([torch.randperm(len(inputs), generator=g) for g in generators])
        order = order[:, : batches * recipe.batch].to(inputs.device)
        for number, picked in enumerate(order.split(recipe.batch, dim=1)):
            optimiser.param_groups[0]["lr"] = recipe.lr_at(
                epoch * batches + number, recipe.epochs * batches
            )
            out = logits(spec, weights, inputs[picked])
            loss = F.cross_entropy(out.flatten(0, 1), labels[picked].flatten(), reduction="sum")
            weights.grad = torch.autograd.grad(loss / recipe.batch, weights)[0]
            optimiser.step()
    return weights.detach()


def train_population(
    spec: CNNSpec,
    on: Task,
    recipe: Recipe,
    seeds: Sequence[int],
    shared_start: int | None = None,
    stack: int = STACK,
) -> Population:
    """Train one network a seed.

    With `shared_start` all networks start from the initialisation of that seed, and differ only in
    the order of images: a population in one basin, the positive control of weight averaging.
    """
    trained = []
    for first in range(0, len(seeds), stack):
        generators = [torch.Generator().manual_seed(s) for s in seeds[first : first + stack]]
        start = initial_weights(spec, generators)
        if shared_start is not None:
            common = initial_weights(spec, [torch.Generator().manual_seed(shared_start)])
            start = common.expand_as(start)
        trained.append(fit(spec, start.to(on.train[0].device), on.train, recipe, generators))
    weights = torch.cat(trained)
    val, test = (score(spec, weights, *part)[0] for part in (on.val, on.test))
    return Population(spec, weights, tuple(seeds), val, test)
