"""CPU time of two ways of doing one thing."""

import time
from collections.abc import Callable
from statistics import median


def seconds(call: Callable[[], object]) -> float:
    """CPU time of a call: on one thread a busy machine adds little to it."""
    start = time.process_time()
    call()
    return time.process_time() - start


def paired(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median CPU times of two calls that take turns, after one of each to warm up."""
    times = [(seconds(ours), seconds(theirs)) for _ in range(repeats + 1)][1:]
    return median(fast for fast, _ in times), median(slow for _, slow in times)
