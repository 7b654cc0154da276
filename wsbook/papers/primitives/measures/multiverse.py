"""Every reasonable reading of what paper A leaves open, and all of its figures under each.

A cell is one reading with one seed. It trains the fourteen different runs that figures 1 and 3 to 6
need (the default run belongs to four of them), so that each claim can be decided reading by reading.
Its curves are lists over these runs, in the order of `RUNS`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import torch

from wsbook.papers.primitives.grids import (
    BASE,
    batch_settings,
    capacity_settings,
    init_settings,
    momentum_settings,
    optimiser_settings,
)
from wsbook.papers.primitives.measures.trained import final_errors
from wsbook.papers.primitives.method.errors import global_error
from wsbook.papers.primitives.method.training import Trained, train
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Cell, Measured

DIGITS = 5
CACHE_RUNS = 10  # runs that train fastest together on one core
CHOICES = {
    "atoms": ("unit-norm", "unit-variance"),
    "support": ("bernoulli", "exact", "mostly-active"),
    "dictionary_scale": (1.0, 1 / 32, 0.01),  # torch.randn; unit norm; a common small start
    "code_scale": (1.0, 0.01),
    "loss": ("sum", "mean"),
    "renormalise": (False, True),
    "decoupled_decay": (False, True),
    "streams": ("independent", "shared"),
}


def readings() -> list[Setting]:
    """Every second combination of the unstated choices: a balanced half fraction.

    Those whose levels sum to an even number, so that every level of a choice meets every level of
    all the others equally often, and no effect of one choice is mixed up with that of another.
    """
    levels = [range(len(values)) for values in CHOICES.values()]
    return [
        replace(BASE, **{name: CHOICES[name][i] for name, i in zip(CHOICES, combination, strict=True)})
        for combination in itertools.product(*levels)
        if sum(combination) % 2 == 0
    ]


def quick_readings() -> list[Setting]:
    """Eight readings: the choices that matter most (see the main effects of all readings) in full."""
    return [
        replace(BASE, atoms=atoms, dictionary_scale=scale, streams=streams)
        for atoms in CHOICES["atoms"]
        for scale in (1.0, 0.01)
        for streams in CHOICES["streams"]
    ]


def figure_runs(reading: Setting) -> dict[str, Setting]:
    """The distinct runs of figures 1 and 3 to 6, by the name under which records keep them."""
    changed = {
        "beta1": momentum_settings(reading),
        "optimiser": optimiser_settings(reading),
        "batch_size": batch_settings(reading),
        "k": capacity_settings(reading),
        "init": [s for s in init_settings(reading) if s.init != "orthonormal-matched"],
    }
    runs: dict[Setting, str] = {reading: "default"}
    for field, settings in changed.items():
        for setting in settings:
            runs.setdefault(setting, f"{field}={getattr(setting, field)}")
    return {name: setting for setting, name in runs.items()}


def train_error(trained: Trained) -> torch.Tensor:
    """Train error of every run from its learned codes, shape (R,)."""
    return global_error(trained.train, trained.codes @ trained.dictionary)


RUNS = tuple(figure_runs(BASE))


def train_chunk(
    cells: Sequence[Cell], chunk: Sequence[tuple[int, int, Setting]], device: str
) -> dict[str, torch.Tensor]:
    """Train the runs (cell index, position, setting) of a chunk: metric -> (runs,)."""
    settings = [setting for _, _, setting in chunk]
    trained = train(settings, [cells[i].seed for i, _, _ in chunk], device, observe=train_error)
    return final_errors(trained) | {"train_mean": torch.stack(trained.snapshots).mean(0)}


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """The `final_errors` and `train_mean` of every run of every cell."""
    jobs = [
        (index, position, setting)
        for index, cell in enumerate(cells)
        for position, setting in enumerate(figure_runs(cell.setting).values())
    ]

    def shapes(job: tuple[int, int, Setting]) -> tuple[int, int]:
        return job[2].batch_size, job[2].k

    jobs.sort(key=shapes)
    curves: list[dict[str, list[float]]] = [{} for _ in cells]
    for _, group in itertools.groupby(jobs, key=shapes):
        members = list(group)
        size = CACHE_RUNS if device == "cpu" else len(members)
        for start in range(0, len(members), size):
            chunk = members[start : start + size]
            values = train_chunk(cells, chunk, device)
            for metric, column in values.items():
                for (index, position, _), value in zip(chunk, column.tolist(), strict=True):
                    row = curves[index].setdefault(metric, [0.0] * len(RUNS))
                    row[position] = float(f"{value:.{DIGITS}g}")
    return [Measured({}, c) for c in curves]
