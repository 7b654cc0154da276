"""Training of one shard of a zoo: models that are trained together."""

from collections import deque

import torch

from wsbook.study.progress import progress
from wsbook.study.shelf import Tensors, kept_as
from wsbook.zoo.growth import grow, learning_rates
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task


@kept_as("zoo")
def train_shard(zoo: Zoo, device: str) -> Tensors:
    """Weights (m, E, P), losses and accuracies (m, E) of the kept epochs, and learning rates (m,)."""
    network, on = zoo.architecture, zoo.task
    on = Task(*((x.to(device), y.to(device)) for x, y in (on.train, on.val, on.test)))
    generators = [zoo.generator(seed) for seed in zoo.seeds]
    lr = learning_rates(zoo, generators)
    start = network.initial(generators).to(device)
    epochs = progress(grow(network, start, on.train, zoo, lr, generators), total=zoo.epochs, leave=False)
    found = {"weights": [], "loss": [], "val_accuracy": [], "test_accuracy": []}
    for weights, loss in deque(epochs, zoo.kept):
        found["weights"].append(weights)
        found["loss"].append(loss)
        for part in ("val", "test"):
            found[f"{part}_accuracy"].append(network.score(weights, on, part)[0].float())
    return {name: torch.stack(rows, dim=1).cpu() for name, rows in found.items()} | {"lr": lr}
