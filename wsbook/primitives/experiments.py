"""The experiments of paper A: which settings and seeds each runs at each profile."""

from collections.abc import Sequence

from wsbook.primitives import bands, floors, follow, multiverse
from wsbook.primitives.grids import (
    BASE,
    batch_settings,
    budget_settings,
    capacity_settings,
    equal_steps_settings,
    floor_settings,
    init_settings,
    momentum_settings,
    optimiser_settings,
)
from wsbook.primitives.setting import Setting, at_paper_scale
from wsbook.study.experiment import Experiment, Measure


def synthetic(
    name: str,
    title: str,
    settings: Sequence[Setting],
    measure: Measure = follow.measure,
    quick: int = 10,
    cpu: int = 50,
) -> Experiment:
    """An experiment at the paper's own scale under every profile: they differ in seeds only."""
    return Experiment(
        name=name,
        title=title,
        grid={"quick": settings, "cpu": settings, "paper": settings},
        seeds={"quick": quick, "cpu": cpu, "paper": 4 * cpu},
        measure=measure,
        at_paper_scale=at_paper_scale,
        stack_key=lambda setting: setting.shapes,
    )


FLOORS = synthetic("a-floors", "Oracle, PCA, chance and noise", floor_settings(BASE), floors.measure)
MOMENTUM = synthetic("a-momentum", "Adam's momentum (figure 1)", momentum_settings(BASE))
BANDS = synthetic(
    "a-bands", "Error by frequency and at peaks (figure 2)", momentum_settings(BASE)[:1], bands.measure
)
OPTIMISER = synthetic("a-optimiser", "SGD, RMSprop, AdamW (figure 3)", optimiser_settings(BASE))
BATCH = synthetic("a-batch", "Batch size at equal epochs (figure 4)", batch_settings(BASE))
EQUAL_STEPS = synthetic(
    "a-equal-steps", "Batch size at equal steps (control)", equal_steps_settings(BASE), quick=5
)
CAPACITY = synthetic("a-capacity", "Number of atoms (figure 5)", capacity_settings(BASE))
INIT = synthetic("a-init", "Initialisation of the dictionary (figure 6)", init_settings(BASE))
BUDGET = synthetic("a-budget", "Learning rate and length", budget_settings(BASE), quick=2, cpu=30)
MULTIVERSE = Experiment(
    name="a-multiverse",
    title="All figures under every reading",
    grid={
        "quick": multiverse.quick_readings(),
        "cpu": multiverse.readings(),
        "paper": multiverse.readings(),
    },
    seeds={"quick": 2, "cpu": 5, "paper": 20},
    measure=multiverse.measure,
    at_paper_scale=at_paper_scale,
    stack_size=5,
    gpu_stack_size=100,
)

EXPERIMENTS = (
    FLOORS,
    MOMENTUM,
    BANDS,
    OPTIMISER,
    BATCH,
    EQUAL_STEPS,
    CAPACITY,
    INIT,
    BUDGET,
    MULTIVERSE,
)
