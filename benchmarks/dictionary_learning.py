"""Dictionary learning and sparse coding against scikit-learn: CPU time to the same objective.

One thread for everybody, timed by the process's CPU clock, so that a busy machine biases nobody.
The data has a planted dictionary; all learners start from the same sampled atoms and are judged by
½‖W - A D‖² + penalty ‖A‖₁ with lasso codes of the whole data, computed outside the timed part.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning, sparse_encode
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from torch import Tensor

from benchmarks.timing import as_in_cells
from wsbook.papers.primitives.method.coding import lasso, lasso_objective, omp
from wsbook.papers.primitives.method.online import OnlineDictionary, sampled_atoms
from wsbook.papers.primitives.method.projection import pseudo_inverse_codes

PENALTY = 0.2
DENSITY = 0.1
NOISE = 0.05
BATCH_SIZE = 256  # the fastest of 64, 128, 256, 512 and 1024 for MiniBatchDictionaryLearning
LOOKS = 8  # snapshots a pass over the data


@dataclass(frozen=True)
class Size:
    """How large the problem is and how long scikit-learn may work on it."""

    samples: int = 10_000
    dimension: int = 1024
    atoms: int = 256
    passes: int = 2  # of MiniBatchDictionaryLearning; DictionaryLearning makes half of them
    repeats: int = 3


SMALL = Size(samples=1024, dimension=128, atoms=32, repeats=1)


def problem(size: Size, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Data (N, d), the planted atoms (k, d), and atoms (k, d) to start from."""
    generator = torch.Generator().manual_seed(seed)
    atoms = torch.randn(size.atoms, size.dimension, generator=generator)
    atoms = atoms / atoms.norm(dim=1, keepdim=True)
    codes = torch.randn(size.samples, size.atoms, generator=generator)
    codes = codes * (torch.rand(size.samples, size.atoms, generator=generator) < DENSITY)
    noise = torch.randn(size.samples, size.dimension, generator=generator)
    W = codes @ atoms + NOISE * noise
    return W, atoms, sampled_atoms(W, size.atoms, generator)


def objective(W: Tensor, D: Tensor) -> float:
    """Mean objective over all samples, at lasso codes with a KKT residual of 1e-4."""
    return float(lasso_objective(W, D, lasso(W, D, PENALTY), PENALTY))


def seconds(function: Callable, *arguments) -> tuple[float, object]:
    """CPU time of a call, and what it returned."""
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def scikit_learners(size: Size, W: Tensor, start: Tensor) -> dict[str, Callable]:
    """Calls that fit scikit-learn and return its dictionary, by name.

    In float32 its coordinate descent never meets its fixed tolerance of 1e-8 and is slower than in
    float64, unless it is cut off after a few iterations, which proved to be the fastest of all.
    """
    shared = {"n_components": size.atoms, "alpha": PENALTY, "fit_algorithm": "cd", "random_state": 0}
    online = shared | {
        "batch_size": BATCH_SIZE,
        "max_iter": size.passes,
        "tol": 0.0,
        "max_no_improvement": None,
    }
    full = shared | {"max_iter": max(1, size.passes // 2)}
    single, double = W.numpy(), W.double().numpy()

    def components(learner, data: np.ndarray) -> np.ndarray:
        return learner.set_params(dict_init=start.numpy().astype(data.dtype)).fit(data).components_

    return {
        "MiniBatchDictionaryLearning, tuned (float32, transform_max_iter=5)": lambda: components(
            MiniBatchDictionaryLearning(**online, transform_max_iter=5), single
        ),
        "MiniBatchDictionaryLearning (float64)": lambda: components(
            MiniBatchDictionaryLearning(**online), double
        ),
        "DictionaryLearning (float64)": lambda: components(
            DictionaryLearning(**full, code_init=np.zeros((size.samples, size.atoms))), double
        ),
    }


def our_path(W: Tensor, start: Tensor, target: float, seed: int) -> list[tuple[float, float]]:
    """(CPU seconds, objective) of our learner, several times a pass, until it is at the target."""
    generator = torch.Generator().manual_seed(seed)
    learner = OnlineDictionary(start, PENALTY, generator, memory=len(W))
    path, spent = [(0.0, objective(W, start))], 0.0
    every = max(1, len(W) // BATCH_SIZE // LOOKS)
    while path[-1][1] > target:
        order = torch.randperm(len(W), generator=generator)
        for number, batch in enumerate(order.split(BATCH_SIZE)):
            spent += seconds(as_in_cells(lambda batch=batch: learner.step(W[batch])))[0]
            if number % every == every - 1 and path[-1][1] > target:
                path.append((spent, objective(W, learner.D)))
    return path


def learning_rows(size: Size) -> list[dict]:
    """Time until our objective is no higher than where each scikit-learn learner stopped."""
    ours, theirs, stops = {}, {}, {}
    for seed in range(size.repeats):
        W, _, start = problem(size, seed)
        reached = {}
        for name, fit in scikit_learners(size, W, start).items():
            spent, D = seconds(fit)
            theirs.setdefault(name, []).append(spent)
            reached[name] = objective(W, torch.from_numpy(np.ascontiguousarray(D)).float())
        path = our_path(W, start, min(reached.values()), seed)
        for name, target in reached.items():
            stops.setdefault(name, []).append(target)
            ours.setdefault(name, []).append(next(t for t, value in path if value <= target))
    shape = f"N={size.samples}, d={size.dimension}, k={size.atoms}"
    return [
        row(
            "dictionary learning: time to scikit-learn's objective",
            ours[name],
            name,
            theirs[name],
            f"{shape}; both at an objective of {median(stops[name]):.3f} or less",
        )
        for name in theirs
    ]


def coding_rows(size: Size) -> list[dict]:
    """Codes for the planted dictionary, and Moore-Penrose codes for a stack of small ones."""
    W, D, _ = problem(size, 0)
    W = W[:2000]
    data, atoms = W.double().numpy(), D.double().numpy()
    generator = torch.Generator().manual_seed(1)
    stack = torch.randn(64, 30, 1024, generator=generator)
    targets = torch.randn(64, 20, 1024, generator=generator)
    samples = f"{len(W)} samples, d={size.dimension}, k={size.atoms}"
    calls = {
        f"lasso codes: {samples}": (
            lambda: lasso(W, D, PENALTY),
            "sparse_encode, lasso_cd",
            lambda: sparse_encode(data, atoms, algorithm="lasso_cd", alpha=PENALTY),
        ),
        f"OMP codes: {samples}, 10 atoms a sample": (
            lambda: omp(W, D, 10),
            "sparse_encode, omp",
            lambda: sparse_encode(data, atoms, algorithm="omp", n_nonzero_coefs=10),
        ),
        "Moore-Penrose codes: 64 runs of (20, 1024) by (30, 1024)": (
            lambda: pseudo_inverse_codes(targets, stack),
            "torch.linalg.pinv",
            lambda: targets @ torch.linalg.pinv(stack),
        ),
    }
    rows = []
    for name, (ours, baseline, theirs) in calls.items():
        times = [(seconds(as_in_cells(ours))[0], seconds(theirs)[0]) for _ in range(size.repeats + 1)][1:]
        fast, slow = zip(*times)
        rows.append(row(name, fast, baseline, slow, ""))
    return rows


def row(name: str, ours: list[float], baseline: str, theirs: list[float], note: str) -> dict:
    """One measurement: medians over repeats, the median of the paired ratios and their range."""
    ratios = [slow / fast for fast, slow in zip(ours, theirs)]
    spread = f"one thread, n={len(ratios)}, ratio {min(ratios):.1f} to {max(ratios):.1f}"
    return {
        "name": name,
        "value": median(ours),
        "unit": "s CPU",
        "baseline": baseline,
        "baseline_value": median(theirs),
        "ratio": median(ratios),
        "note": f"{note}; {spread}" if note else spread,
    }


def measure(small: bool = False) -> list[dict]:
    """All rows, on one thread; `small` is a smoke run at a fraction of the size."""
    size, threads = SMALL if small else Size(), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return learning_rows(size) + coding_rows(size)
    finally:
        torch.set_num_threads(threads)


def main() -> list[dict]:
    """Measure and print one line a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a smoke run of a few seconds")
    rows = measure(parser.parse_args().small)
    for found in rows:
        print(
            "{name}: {value:.3g} {unit}, {baseline} {baseline_value:.3g}: "
            "ratio {ratio:.1f} ({note})".format(**found)
        )
    return rows


if __name__ == "__main__":
    main()
