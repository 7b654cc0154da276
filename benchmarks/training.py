"""Stacked dictionary training against one run at a time with torch.optim, and all six figures at once."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from statistics import median

import torch

from benchmarks.timing import as_in_cells, wall_seconds
from wsbook.papers.primitives.grids import (
    BASE,
    batch_settings,
    capacity_settings,
    init_settings,
    momentum_settings,
    optimiser_settings,
)
from wsbook.papers.primitives.measures import trained
from wsbook.papers.primitives.method.synthetic import draw_start, draw_zoo
from wsbook.papers.primitives.method.training import train
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Cell, Measured
from wsbook.study.run import steady_process

STACK = 10
GPU_STACK = 1000
SEEDS = 30
REPEATS = 5


def figure_settings() -> list[Setting]:
    """The settings of figures 1 and 3 to 6 as printed; figure 2 shows a run of figure 1."""
    printed_inits = [s for s in init_settings(BASE) if s.init != "orthonormal-matched"]
    return [
        *momentum_settings(BASE),
        *optimiser_settings(BASE),
        *batch_settings(BASE),
        *capacity_settings(BASE),
        *printed_inits,
    ]


def plain_run(setting: Setting, seed: int, device: str = "cpu") -> None:
    """What a user would write: one run, autograd and torch.optim.Adam, full batch."""
    weights = draw_zoo(setting, seed).train.to(device)
    dictionary, codes = (x.to(device).requires_grad_() for x in draw_start(setting, seed))
    optimiser = torch.optim.Adam(
        [dictionary, codes],
        lr=setting.lr,
        betas=(setting.beta1, setting.beta2),
        weight_decay=setting.weight_decay,
    )
    for _ in range(setting.epochs):
        optimiser.zero_grad()
        residual = weights - codes @ dictionary
        loss = residual.square().sum(1).mean() + setting.penalty * codes.abs().sum(1).mean()
        loss.backward()
        optimiser.step()


def per_core_row(repeats: int) -> dict:
    """Runs per second of a stack against the plain loop, alternating, on one core."""
    steady_process()
    plain_run(BASE, 0)
    train([BASE] * STACK, range(STACK))
    plain, stacked = [], []
    for _ in range(repeats):
        plain.append(wall_seconds(lambda: [plain_run(BASE, seed) for seed in range(STACK)]) / STACK)
        stacked.append(wall_seconds(as_in_cells(train), [BASE] * STACK, range(STACK)) / STACK)
    value, baseline = 1 / median(stacked), 1 / median(plain)
    return {
        "name": "training: runs per second and core",
        "value": value,
        "unit": "runs/s",
        "baseline": "one run at a time, torch.optim.Adam",
        "baseline_value": baseline,
        "ratio": value / baseline,
        "note": f"median of {repeats} alternating repeats of {STACK} runs of {BASE.epochs} steps, draws included",
    }


def gpu_row(repeats: int) -> dict:
    """Runs per second of a large stack on a GPU against the plain loop on the same GPU."""
    plain_run(BASE, 0, "cuda")
    train([BASE] * GPU_STACK, range(GPU_STACK), "cuda")
    plain = [wall_seconds(plain_run, BASE, seed, "cuda") for seed in range(repeats)]
    stacked = [wall_seconds(train, [BASE] * GPU_STACK, range(GPU_STACK), "cuda") for _ in range(repeats)]
    value, baseline = GPU_STACK / median(stacked), 1 / median(plain)
    return {
        "name": "training: runs per second on a GPU",
        "device": "cuda",
        "value": value,
        "unit": "runs/s",
        "baseline": "one run at a time on the same GPU, torch.optim.Adam",
        "baseline_value": baseline,
        "ratio": value / baseline,
        "note": f"median of {repeats} stacks of {GPU_STACK} runs of {BASE.epochs} steps, draws included",
    }


def followed(stack: list[Cell]) -> list[Measured]:
    """Measure a stack as a cell of the figures."""
    return as_in_cells(trained.measure)(stack, "cpu")


def figures_row(seeds: int, processes: int) -> dict:
    """Seconds for all settings of the figures, errors followed every epoch, on all cores."""
    stacks = [
        [Cell(setting, seed) for seed in range(start, min(start + STACK, seeds))]
        for setting in sorted(figure_settings(), key=lambda s: -s.steps)
        for start in range(0, seeds, STACK)
    ]
    steps = sum(cell.setting.steps for stack in stacks for cell in stack)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=steady_process) as pool:
        warm = [[Cell(replace(BASE, epochs=2), 0)]] * processes
        list(pool.map(followed, warm))
        value = wall_seconds(lambda: list(pool.map(followed, stacks)))
    plain = median([wall_seconds(plain_run, BASE, seed) for seed in range(5)]) / BASE.epochs
    baseline = plain * steps / processes
    return {
        "name": "training: all six figures",
        "value": value,
        "unit": "s",
        "baseline": "the plain loop on as many cores, no errors followed (extrapolated)",
        "baseline_value": baseline,
        "ratio": baseline / value,
        "note": f"{seeds} seeds, {steps:,} optimiser steps, {processes} processes",
    }


def measure(small: bool = False) -> list[dict]:
    """The rows, one for a GPU if there is one; `small` uses two seeds and one repeat."""
    processes, repeats = os.cpu_count() or 1, 1 if small else REPEATS
    rows = [per_core_row(repeats), figures_row(2 if small else SEEDS, processes)]
    return [*rows, gpu_row(repeats)] if torch.cuda.is_available() else rows
