"""Measure how networks train on from different starts, with the same images, batches, epochs and optimiser.

generated      sampled with an autoencoder from the latents of prompts (see `wsbook.papers.sane.measures.generation`)
hypernetwork   made from images of the target by a HyperNetwork, trained on the tasks of the training zoos
transferred    networks of a training zoo of another image set
noisy_prompts  the prompts with noise, as far away from them as what is generated
prompt         the prompts, which trained on the target before: the ceiling
random         random initialisations

Of each the best on validation images are trained, out of as many candidates where these can be drawn at
will. Learning rates are chosen for each start, see `wsbook.papers.sane.method.further_training`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.sane.measures.generation import (
    Generation,
    best,
    candidates,
    noisy_copies,
    prompts_of,
    random_networks,
)
from wsbook.papers.sane.method.further_training import Course, course
from wsbook.papers.sane.method.hypernetworks import hypernetwork, made
from wsbook.papers.sane.method.hypertraining import HyperTraining
from wsbook.papers.sane.method.trained import fitted
from wsbook.study.experiment import Cell, Measured
from wsbook.study.shelf import Checkpoint, kept_as, shelf_name
from wsbook.zoo.archive import members
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

ORDERS = 100_000  # from here on seeds belong to orders of images


@dataclass(frozen=True)
class FineTuning(Generation):
    """Further training of generated networks, and of what else one could start from."""

    tuned: int = 10  # epochs
    rates: str = "3e-4+1e-3+3e-3+1e-2+3e-2"  # learning rates to choose from, joined by +
    source: str = ""  # the image set of transferred networks; if empty, the first that is not the target
    hyper_steps: int = 2000  # of training the HyperNetwork, as wide and deep as the autoencoder's halves
    hyper_batch: int = 4  # episodes a step
    hyper_lr: float = 3e-3  # the largest

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tuned <= 0:
            raise StudyError(f"networks train on for at least one epoch, not {self.tuned}; raise tuned.")
        if not self.sources:
            raise StudyError(
                f"no zoo of {self.data} is for another image set than {self.target}; add one to data."
            )
        if self.source and self.source not in self.sources:
            known = ", ".join(self.sources)
            raise StudyError(
                f"no networks of {self.source!r} can be transferred; choose a source of {known}."
            )
        if not all(0 < rate < math.inf for rate in self.grid):
            raise StudyError(f"rates are positive numbers joined by +, not {self.rates!r}.")
        self.hyper  # noqa: B018, it refuses what is wrong with its own

    @property
    def grid(self) -> list[float]:
        """The learning rates to choose from."""
        try:
            return [float(rate) for rate in self.rates.split("+")]
        except ValueError as error:
            raise StudyError(f"rates are positive numbers joined by +, not {self.rates!r}.") from error

    @property
    def sources(self) -> dict[str, Zoo]:
        """The training zoos by image set, of the target's architecture but not of its images."""
        zoos = self.zoos
        return {z.data: z for z in zoos if z.data != self.target and z.network == zoos[0].network}

    @property
    def transferred(self) -> Zoo:
        """The zoo whose networks are transferred."""
        return self.sources[self.source or next(iter(self.sources))]

    @property
    def hyper(self) -> HyperTraining:
        """How the HyperNetwork is trained."""
        sizes = self.token, self.width, self.heads, self.blocks
        effort = self.hyper_steps, self.hyper_batch, self.hyper_lr
        return HyperTraining(self.data, self.networks[0], self.images, *sizes, *effort)


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: metrics and curves of each start's `Course`."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def starts(setting: FineTuning, seed: int, device: str) -> dict[str, Tensor]:
    """Weight vectors (N, P) to train from, best first: N is `keep`, or fewer where there are no more."""
    found = fitted(setting.training, seed, device)
    network, on = found.network, setting.prompt_zoo.task
    prompts = prompts_of(setting.prompt_zoo, setting.prompts, seed)
    generated = candidates(setting, found, prompts, seed)
    generator = torch.Generator().manual_seed(seed)
    maker = hypernetwork(setting.hyper, seed, device)
    pools = {
        "generated": generated,
        "noisy_prompts": noisy_copies(prompts, generated, seed),
        "random": random_networks(network, setting.candidates, seed),
        "hypernetwork": made(maker, on.train, setting.candidates, generator),
        "transferred": members(setting.transferred).part(0).weights[:, -1],
        "prompt": prompts,
    }
    return {name: best(vectors, network, on, setting.keep).vectors for name, vectors in pools.items()}


def _measure(setting: FineTuning, seed: int, device: str) -> Measured:
    metrics, curves = {}, {}
    for name, found in _courses(setting, seed, device).items():
        metrics |= found.metrics(name)
        curves |= found.curves(name)
    return Measured(metrics, curves)


@kept_as("finetuning")
def _courses(setting: FineTuning, seed: int, device: str) -> dict[str, Course]:
    """The course of each start; what is cut off goes on with the start that it was at."""
    zoo, first = replace(setting.prompt_zoo, epochs=setting.tuned, kept=1), ORDERS + setting.keep * seed
    on = Task(*((x.to(device), y.to(device)) for x, y in (zoo.task.train, zoo.task.val, zoo.task.test)))
    checkpoint = Checkpoint(shelf_name("finetuning", setting, seed))
    done, begun = checkpoint.load() or {}, starts(setting, seed, device)
    for name, start in begun.items():
        if name not in done:
            found = course(start.to(device), on, zoo, setting.grid, first)
            done |= {name: found.accuracy, f"{name}_lr": torch.tensor(found.lr, dtype=torch.float64)}
            checkpoint.save(done)
    checkpoint.discard()
    return {name: Course(done[name], done[f"{name}_lr"].tolist()) for name in begun}
