"""Measure what can be told of networks by their weights: test accuracy, epoch, generalisation gap.

Hidden units are aligned to those of one network. Each property is predicted by ridge regression from three
representations: `latents`, those of the autoencoder, averaged over tokens; `statistics` of the weights
(`wsbook.weights.statistics`); and as many principal `components` of the weights as a latent has numbers.
Probes of a zoo are fitted on its networks that autoencoders are trained on, after each kept epoch; their
strength is chosen on those to validate on, and R^2 and Kendall's tau taken on those to test on. The gap is
the accuracy on the images trained on minus that on test images.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.sane.method.components import aligned, principal_components
from wsbook.papers.sane.method.probes import probed
from wsbook.papers.sane.method.trained import Fitted, fitted
from wsbook.papers.sane.setting import Training
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.statistics import weight_statistics
from wsbook.zoo.archive import Members, members, split
from wsbook.zoo.setting import Zoo

LEAST = 2  # networks in each part: nothing can be told from fewer


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: PROPERTY_REPRESENTATION_r2 and _tau, means over its zoos, and their values
    as curves in the order of `data`. Properties are accuracy, gap and, of several kept epochs, epoch."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def parts_of(zoo: Zoo) -> list[Members]:
    """The networks to fit on, to choose on and to test on; their tables have a column train_accuracy.

    Raises
        StudyError: if there are too few.
    """
    whole = members(zoo)
    if min(map(len, split(whole.table))) < LEAST:
        raise StudyError(
            f"predicting properties takes {LEAST} networks to fit, to validate and to test on, which "
            f"{zoo.models} models of {zoo.data} do not give; raise models."
        )
    if "train_accuracy" not in whole.table:
        whole = replace(whole, table=whole.table.assign(train_accuracy=training_accuracy(zoo)))
    return [whole.part(number) for number in range(3)]


@cache  # one measurement a zoo and process: it takes as long as an epoch of training
def training_accuracy(zoo: Zoo) -> np.ndarray:
    """Accuracies (M E,) on the images that they were trained on of all models after each kept epoch."""
    return zoo.architecture.score(members(zoo).weights.flatten(0, 1), zoo.task, "train")[0].numpy()


def properties(part: Members) -> dict[str, Tensor]:
    """What is predicted (N,) of each model after each kept epoch."""
    table = part.table
    found = {"accuracy": table.test_accuracy, "gap": table.train_accuracy - table.test_accuracy}
    if part.zoo.kept > 1:
        found["epoch"] = table.epoch
    return {name: torch.tensor(values.to_numpy(np.float64)) for name, values in found.items()}


def representations(found: Fitted, parts: Sequence[Members], seed: int) -> dict[str, list[Tensor]]:
    """Features (N, F) of each part's networks after each kept epoch, by the name of the representation."""
    network, reference = found.network, parts[0].weights[0, -1]
    generator = torch.Generator().manual_seed(seed)
    vectors = [aligned(part.weights, reference, network, generator).flatten(0, 1) for part in parts]
    return {
        "latents": [found.encode(v).mean(1) for v in vectors],
        "statistics": [weight_statistics(v, network.shapes) for v in vectors],
        "components": principal_components(vectors, found.model.sizes.latent),
    }


def _measure(setting: Training, seed: int, device: str) -> Measured:
    curves: dict[str, list[float]] = {}
    parts_by_zoo = [parts_of(zoo) for zoo in setting.zoos]  # refuses what is too small before it trains
    for number, parts in enumerate(parts_by_zoo):
        targets = [properties(part) for part in parts]
        features = representations(fitted(setting, seed, device, number), parts, seed)
        for name, rows in features.items():
            for wanted in targets[0]:
                r2, tau = probed(rows, [target[wanted] for target in targets])
                curves.setdefault(f"{wanted}_{name}_r2_by_zoo", []).append(r2)
                curves.setdefault(f"{wanted}_{name}_tau_by_zoo", []).append(tau)
    return Measured(
        {name.removesuffix("_by_zoo"): fmean(values) for name, values in curves.items()}, curves
    )
