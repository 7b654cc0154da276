"""Dictionaries of real networks: which settings and seeds each experiment runs at each profile."""

from dataclasses import replace
from operator import attrgetter

from wsbook.papers.primitives.measures import real
from wsbook.study.experiment import Experiment, always

QUICK_ZOO = [
    real.ZooSetting(models=24, held=6, atoms=8, sparsity=2, aligned=aligned) for aligned in (False, True)
]
FULL_ZOO = [
    real.ZooSetting(start=start, aligned=aligned)
    for start in ("own", "shared")
    for aligned in (False, True)
]
REAL_ZOO = Experiment(
    name="a-real-zoo",
    title="Whole networks: reconstruction, paths, code tuning",
    grid={
        "quick": QUICK_ZOO,
        "cpu": QUICK_ZOO + FULL_ZOO,
        "paper": [replace(setting, data="mnist", models=200, held=40, atoms=64) for setting in FULL_ZOO],
    },
    seeds={"quick": 1, "cpu": 30, "paper": 30},
    measure=real.measure_zoo,
    at_paper_scale=always,
    stack_size=2,
    stack_key=attrgetter("data", "models", "start"),
)
REAL_KERNELS = Experiment(
    name="a-real-kernels",
    title="Kernels of a trained ResNet at equal storage",
    grid={
        "cpu": [real.KernelSetting(20, method) for method in real.METHODS],
        "paper": [real.KernelSetting(depth, method) for depth in (20, 56) for method in real.METHODS],
    },
    seeds={"cpu": 5, "paper": 5},
    measure=real.measure_kernels,
    at_paper_scale=always,
    stack_size=5,
)
