"""Run the cells that have no record yet: one process a core, one thread a process."""

import ctypes
import multiprocessing
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from wsbook.errors import StudyError
from wsbook.study.device import check_device
from wsbook.study.experiment import Cell, Experiment, Measured, label, parameters, plan, varied
from wsbook.study.matmul import fast_products
from wsbook.study.places import RUNS
from wsbook.study.progress import progress
from wsbook.study.provenance import provenance
from wsbook.study.record import Record, RecordFile, cell_key
from wsbook.study.shelf import recording

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Unmeasured(StudyError):
    """Cells whose measurement failed."""


@dataclass(frozen=True)
class Work:
    """Everything a worker needs to measure and record one stack."""

    experiment: Experiment
    profile: str
    stack: tuple[Cell, ...]
    called: str  # how messages name the stack
    device: str
    directory: Path


def steady_process() -> None:
    """One thread, and a heap that does not shrink and grow with every small tensor.

    glibc returns freed memory to the system above small thresholds, which makes loops over small
    tensors randomly slower; M_TRIM_THRESHOLD is -1 and M_MMAP_THRESHOLD is -3 in malloc.h.
    """
    torch.set_num_threads(1)
    if platform.system() == "Linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            libc.mallopt(-1, 2**30)
            libc.mallopt(-3, 2**30)


def steady_worker() -> None:
    """A steady process that ends with its parent; after a kill -9 of that it would wait for ever."""
    steady_process()
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def run_stack(work: Work) -> int:
    """Measure one stack and append its records; returns the number of cells.

    Raises
        Unmeasured: for what the measurement raises, beginning with the cell that it was at.
        StudyError: if the disk refuses.
    """
    experiment = work.experiment
    source = experiment.source  # of the files as they are now: they may be edited while it measures
    with recording(work.device), fast_products(work.device):
        start = time.perf_counter()
        try:
            measured = experiment.measure(work.stack, work.device)
            data = [experiment.data(cell.setting) for cell in work.stack]
        except StudyError as error:
            raise Unmeasured(f"{work.called}: {error}") from error
        seconds = (time.perf_counter() - start) / len(work.stack)
        for result in measured:
            check_names(experiment.name, parameters(work.stack[0].setting), result)
        RecordFile(work.directory, work.profile, experiment.name).append(
            record_of(work, source, cell, replace(result, data={**known, **result.data}), seconds)
            for cell, result, known in zip(work.stack, measured, data, strict=True)
        )
    return len(work.stack)


def try_stack(work: Work) -> int | str:
    """The number of cells recorded, or why they could not be measured.

    Raises
        StudyError: if the disk refuses, as it would to the next ones.
    """
    try:
        return run_stack(work)
    except Unmeasured as error:
        return str(error)


def named(experiment: Experiment, profile: str, stack: Sequence[Cell]) -> str:
    """How a message names a stack: "c-decoupled, hidden=140 lr=0.01, seed 2"."""
    first, *others = stack
    names = varied([*experiment.grid[profile], first.setting])
    more = f" and {len(others)} more" if others else ""
    return f"{experiment.name}, {label(first.setting, names)}, seed {first.seed}{more}"


def record_of(work: Work, source: str, cell: Cell, result: Measured, seconds: float) -> Record:
    """The record of one cell, which took so many seconds now."""
    return Record(
        experiment=work.experiment.name,
        profile=work.profile,
        parameters=parameters(cell.setting),
        seed=cell.seed,
        metrics=dict(result.metrics),
        curves={name: list(curve) for name, curve in result.curves.items()},
        provenance=provenance(work.device, source, seconds + result.seconds)
        | ({"data": dict(result.data)} if result.data else {}),
    )


def check_names(experiment: str, known: Mapping[str, Any], result: Measured) -> None:
    """Raise a StudyError if a metric or curve has the name of a parameter: tables have one column a name."""
    if taken := sorted({*known, "seed"} & {*result.metrics, *result.curves}):
        raise StudyError(
            f"{experiment} measures {', '.join(taken)}, which is a parameter of it too; rename the metric."
        )


def missing_stacks(
    experiment: Experiment, settings: Sequence[Any], seeds: int, device: str, records: Sequence[Record]
) -> list[list[Cell]]:
    """The stacks of the plan with at least one cell that today's code has not recorded."""
    source = experiment.source
    done = {record.cell for record in records if record.source == source}
    return [
        stack
        for stack in plan(experiment, settings, seeds, device)
        if any(cell_key(parameters(cell.setting), cell.seed) not in done for cell in stack)
    ]


def run(
    experiment: Experiment,
    profile: str,
    stacks: Sequence[Sequence[Cell]],
    device: str = "cpu",
    jobs: int = 1,
    directory: Path = RUNS,
    keep_going: bool = False,
) -> tuple[int, list[str]]:
    """Measure `stacks` and record them in `directory`, with a progress bar.

    A stack is recorded as soon as it is done: an interruption loses at most those running. Returns the
    number of recorded cells and, where it was to keep going, why stacks have no record.

    Raises
        StudyError: for an unusable device, jobs <= 0, a folder that cannot be written, or a failing disk; and, unless
            it is to keep going, for what measurements raise.
    """
    check_device(device)
    if jobs <= 0:
        raise StudyError(f"--jobs must be positive, not {jobs}.")
    RecordFile(directory, profile, experiment.name).check_writable()
    work = [work_on(experiment, profile, stack, device, directory) for stack in stacks]
    total = sum(len(stack) for stack in stacks)
    done, failures = 0, []
    with progress(total=total, desc=f"{experiment.name} ({profile})", unit="cell") as bar:
        for outcome in finished(try_stack if keep_going else run_stack, work, min(jobs, len(work))):
            if isinstance(outcome, str):
                failures.append(outcome)
            else:
                done += outcome
                bar.update(outcome)
    return done, failures


def work_on(
    experiment: Experiment, profile: str, stack: Sequence[Cell], device: str, directory: Path
) -> Work:
    """The work of measuring one stack."""
    called = named(experiment, profile, stack)
    return Work(
        experiment.for_worker(profile, stack), profile, tuple(stack), called, device, Path(directory)
    )


def finished(call: Callable[[Work], Outcome], work: Sequence[Work], jobs: int) -> Iterator[Outcome]:
    """Run all work on `jobs` processes (in this one if jobs is 1), yielding what comes of it as it finishes."""
    if jobs <= 1:
        steady_process()
        yield from map(call, work)
    else:
        yield from spread(call, work, jobs, steady_worker)


def spread(
    call: Callable[[Item], Outcome], items: Sequence[Item], jobs: int, begin: Callable[[], None]
) -> Iterator[Outcome]:
    """What a function returns for each item, as they finish, on `jobs` processes that start with `begin`.

    A failure ends the others when they have done what they are at; Ctrl-C ends them at once.

    Raises
        StudyError: if the system ends a process; what the function raises.
    """
    os.environ.setdefault(
        "THP_MEM_ALLOC_ENABLE", "1"
    )  # large tensors on huge pages; torch asks once, at its start
    context = multiprocessing.get_context("spawn")  # forking a process that used torch may hang
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=begin) as pool:
        futures = [pool.submit(call, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise StudyError(
                "the system ended a worker process, most likely for want of memory; run again with fewer "
                "--jobs: what was done before is intact."
            ) from error
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        finally:
            for future in futures:  # a shutdown that cancels is undone by the one at the end of `with`
                future.cancel()
