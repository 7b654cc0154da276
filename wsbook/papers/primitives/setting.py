"""One training run of paper A: what the paper states, and what it leaves to its reader."""

import math
from dataclasses import dataclass

from wsbook.errors import StudyError

CHOICES = {
    "optimiser": ("adam", "adamw", "rmsprop", "sgd"),
    "init": ("gaussian", "orthonormal", "orthonormal-matched"),
    "atoms": ("unit-norm", "unit-variance"),
    "support": ("bernoulli", "exact", "mostly-active"),
    "loss": ("sum", "mean"),
    "streams": ("independent", "shared"),
}


@dataclass(frozen=True)
class Setting:
    """A synthetic zoo and one way to learn its dictionary.

    Raises
        StudyError: for sizes that are not positive, a sparsity outside (0, 1], a learning rate that
            is not finite and positive, or an unknown name.
    """

    # Stated in section 5 and the supplement.
    n_train: int = 80
    n_test: int = 20
    d: int = 1024
    k_true: int = 30  # atoms of the ground truth
    k: int = 30  # atoms learned
    sparsity: float = 0.1  # share of atoms active in a sample
    noise: float = 0.01  # standard deviation of the noise on every weight
    epochs: int = 50
    batch_size: int = 80
    optimiser: str = "adam"
    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 1e-5
    penalty: float = 0.1  # lambda
    init: str = "gaussian"  # of D; "orthonormal-matched" has the Gaussian one's norms
    # Unstated: a choice of these is a *reading* of the paper.
    atoms: str = "unit-norm"  # scale of the true atoms: norm 1, or entries of variance 1
    support: str = "bernoulli"  # atoms active with probability `sparsity`, exactly that share of
    # them, or with probability 1 - `sparsity` ("10 % sparsity" taken as 10 % zeros)
    dictionary_scale: float = 0.01  # standard deviation of the entries of the initial D
    code_scale: float = 1.0  # standard deviation of the initial codes
    loss: str = "sum"  # squared error summed over the d weights, as printed, or averaged over them
    renormalise: bool = False  # rescale atoms to norm 1 after every step
    decoupled_decay: bool = False  # weight decay of Adam decoupled from the gradient
    streams: str = "independent"  # "shared": data and initialisation drawn from the same seed

    def __post_init__(self) -> None:
        for name in ("n_train", "n_test", "d", "k_true", "k", "epochs", "batch_size"):
            if getattr(self, name) <= 0:
                raise StudyError(f"{name} must be positive, not {getattr(self, name)}.")
        if not 0 < self.sparsity <= 1:
            raise StudyError(f"sparsity must lie in (0, 1], not {self.sparsity}.")
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise StudyError(f"the learning rate lr must be finite and positive, not {self.lr}.")
        if not (0 <= self.beta1 < 1 and 0 <= self.beta2 < 1):
            raise StudyError(f"beta1 and beta2 must lie in [0, 1), not {self.beta1}, {self.beta2}.")
        if self.n_train % self.batch_size:
            raise StudyError(
                f"batch_size must divide n_train, and {self.batch_size} does not divide {self.n_train}."
            )
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise StudyError(
                    f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}."
                )

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        return self.epochs * (self.n_train // self.batch_size)

    @property
    def shapes(self) -> tuple[int, ...]:
        """What two settings must share to train in one stack (k need not: see `training`)."""
        return self.n_train, self.n_test, self.d, self.batch_size, self.epochs
