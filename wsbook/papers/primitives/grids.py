"""The settings behind each figure of paper A, for any reading of what it leaves open."""

from dataclasses import replace

from wsbook.papers.primitives.setting import Setting

BASE = Setting()
BATCH_SIZES = (80, 40, 20, 10)


def momentum_settings(base: Setting) -> list[Setting]:
    """Figures 1 and 2: Adam's beta1."""
    return [replace(base, beta1=beta1) for beta1 in (0.5, 0.7, 0.9, 0.99)]


def optimiser_settings(base: Setting) -> list[Setting]:
    """Figure 3: SGD, RMSprop, AdamW."""
    return [replace(base, optimiser=name) for name in ("sgd", "rmsprop", "adamw")]


def batch_settings(base: Setting) -> list[Setting]:
    """Figure 4: batch sizes at equal epochs."""
    return [replace(base, batch_size=size) for size in BATCH_SIZES]


def capacity_settings(base: Setting) -> list[Setting]:
    """Figure 5: number of atoms."""
    return [replace(base, k=k) for k in (10, 20, 30, 50)]


def init_settings(base: Setting) -> list[Setting]:
    """Figure 6, and orthonormal rows with the norms of the Gaussian ones."""
    return [replace(base, init=init) for init in ("gaussian", "orthonormal", "orthonormal-matched")]
