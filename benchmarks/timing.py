"""How long two ways of doing one thing take."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch

from wsbook.study.matmul import fast_products


def as_in_cells(call: Callable[..., Any]) -> Callable[..., Any]:
    """The call as it is made when cells are measured: products of matrices by the faster library.

    What the package is compared with takes torch as it comes.
    """

    def with_fast_products(*arguments: Any) -> Any:
        with fast_products("cpu"):
            return call(*arguments)

    return with_fast_products


def seconds(call: Callable[[], object]) -> float:
    """CPU time of a call: on one thread a busy machine adds little to it."""
    start = time.process_time()
    call()
    return time.process_time() - start


def wall_seconds(call: Callable[..., object], *arguments: Any) -> float:
    """Wall time of a call, what it started on a GPU included."""
    start = time.perf_counter()
    call(*arguments)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def paired(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median CPU times of two calls that take turns, after one of each to warm up; ours as in cells."""
    ours = as_in_cells(ours)
    times = [(seconds(ours), seconds(theirs)) for _ in range(repeats + 1)][1:]
    return median(fast for fast, _ in times), median(slow for _, slow in times)
