"""Dictionaries of the synthetic zoo: which settings and seeds each experiment runs at each profile."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from wsbook.papers.primitives.grids import (
    BASE,
    BATCH_SIZES,
    batch_settings,
    capacity_settings,
    init_settings,
    momentum_settings,
    optimiser_settings,
)
from wsbook.papers.primitives.measures import bands, floors, methods, multiverse, spectra, trained
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Experiment, Measure


def at_paper_scale(setting: Setting) -> bool:
    """Whether sizes and length are at least the paper's (section 5)."""
    sizes = (setting.n_train, setting.d, setting.k_true)
    return sizes == (80, 1024, 30) and setting.n_test >= 20 and setting.epochs >= 50


def synthetic(
    name: str,
    title: str,
    settings: Sequence[Setting],
    measure: Measure = trained.measure,
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
        stack_key=attrgetter("shapes"),
    )


def equal_steps_settings(base: Setting) -> list[Setting]:
    """The control that figure 4 lacks: batch sizes at the number of steps of the smallest."""
    return [replace(base, batch_size=size, epochs=base.epochs * size // 10) for size in BATCH_SIZES]


def budget_settings(base: Setting) -> list[Setting]:
    """What it takes to get under .15: learning rates and lengths that the paper does not try."""
    return [replace(base, lr=lr, epochs=epochs) for lr in (1e-3, 1e-2, 1e-1) for epochs in (50, 200, 1000)]


def floor_settings(base: Setting) -> list[Setting]:
    """Both scales of the true atoms, and every k of figure 5."""
    return [
        replace(setting, atoms=atoms)
        for atoms in ("unit-norm", "unit-variance")
        for setting in capacity_settings(base)
    ]


def spectra_settings(base: Setting) -> list[Setting]:
    """The paper's training and a much longer one, with enough test rows for two sets of 80."""
    return [
        replace(base, n_test=160),
        replace(base, n_test=160, lr=1e-2, epochs=1000),
    ]


def multiverse_readings() -> list[Setting]:
    """The half fraction of `multiverse.readings`, with a fourth scale of the initial dictionary, .1.

    It was added after a first look: with shared streams, entries of 1 are too large for fifty steps to
    move and entries of 1/32 too small to remember the truth, and the paper's values lie in between.
    """
    readings = multiverse.readings()
    between = [replace(r, dictionary_scale=0.1) for r in readings if r.dictionary_scale == 1 / 32]
    return readings + between


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
SPECTRA = synthetic(
    "a-spectra", "Spectra of generated weights", spectra_settings(BASE), spectra.measure, quick=3
)
METHODS = synthetic(
    "a-methods",
    "Dictionary learners and code inference at equal k",
    [methods.MethodSetting(method=name) for name in methods.LEARNERS],
    methods.measure,
    quick=2,
    cpu=30,
)
MULTIVERSE = Experiment(
    name="a-multiverse",
    title="All figures under every reading",
    grid={
        "quick": multiverse.quick_readings()
        + [replace(BASE, dictionary_scale=0.1, streams=streams) for streams in ("independent", "shared")],
        "cpu": multiverse_readings(),
        "paper": multiverse_readings(),
    },
    seeds={"quick": 2, "cpu": 5, "paper": 20},
    measure=multiverse.measure,
    at_paper_scale=at_paper_scale,
    stack_size=5,
    gpu_stack_size=100,
)
