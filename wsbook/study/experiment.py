"""Experiments: what is measured, over which settings and seeds, and in which groups it runs.

A *cell* is one setting with one seed, and leaves one record. Cells whose tensors have the same
shapes train together as a *stack*. The plan fixes the stacks from the settings and seeds alone,
never from what is already recorded, so that a resumed run repeats the arithmetic of an unbroken one.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from wsbook.errors import StudyError
from wsbook.study.fingerprint import fingerprint
from wsbook.study.limits import check_ranges
from wsbook.study.profile import check_profile

Measure = Callable[[Sequence["Cell"], str], list["Measured"]]


@dataclass(frozen=True)
class Cell:
    """One setting (a frozen dataclass) with one seed."""

    setting: Any
    seed: int


@dataclass(frozen=True)
class Measured:
    """What one cell yields: scalar metrics and, where wanted, curves (lists of floats)."""

    metrics: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]
    data: Mapping[str, str] = field(default_factory=dict)  # what it was measured on -> fingerprints
    seconds: float = 0.0  # wall time spent on it earlier, before it was resumed


def itself(setting: Any) -> Hashable:
    """The key of settings that share a stack with their like alone."""
    return setting


def always(setting: Any) -> bool:
    """The scale of measurements of which the paper has none."""
    return True


def draws_always(setting: Any) -> bool:
    """Whether random numbers enter a measurement: most have some."""
    return True


def refuse_nothing(setting: Any) -> None:
    """The check that lets every setting pass."""


def say_nothing(setting: Any) -> Mapping[str, str]:
    """What cells are measured on, where `measure` says it itself, or they need nothing."""
    return {}


@dataclass(frozen=True)
class Experiment:
    """A measurement, its settings under each profile, and how its cells run.

    `measure(cells, device)` returns one `Measured` a cell, in order. It and the class of the settings, with all
    definitions that these refer to, decide the numbers: their fingerprint goes into every record. Its
    functions are named ones, which cross to other processes.
    """

    name: str  # as typed on the command line
    title: str  # one line for tables
    grid: Mapping[str, Sequence[Any]]  # profile -> settings
    seeds: Mapping[str, int]  # profile -> number of seeds
    measure: Measure
    at_paper_scale: Callable[[Any], bool]  # whether a setting is as large as the paper's
    # cells a stack on CPU, a size that stays in the cache; 1 where cells are measured one by one, on any device
    stack_size: int = 10
    gpu_stack_size: int = 2048
    stack_key: Callable[[Any], Hashable] = itself  # equal keys may share a stack
    # raises a StudyError for what only a run would stumble over in a setting that a user has changed
    check: Callable[[Any], None] = refuse_nothing
    # what the cells of a setting are measured on -> fingerprints, where `measure` does not say so itself
    data: Callable[[Any], Mapping[str, str]] = say_nothing
    # whether random numbers enter the measurement of a setting: where none do, it has one seed, however many are asked for
    draws: Callable[[Any], bool] = draws_always

    @property
    def kind(self) -> type:
        """The dataclass of its settings."""
        return type(next(iter(self.grid.values()))[0])

    @property
    def names(self) -> list[str]:
        """The names of its parameters."""
        return [field.name for field in fields(self.kind)]

    @property
    def source(self) -> str:
        """Fingerprint of today's code behind the numbers."""
        return fingerprint(self.measure, self.kind)

    def for_worker(self, profile: str, stack: Sequence[Cell]) -> "Experiment":
        """The same measurement, planned for one stack alone, so that little crosses to another process."""
        plan = {profile: [cell.setting for cell in stack]}
        return replace(self, grid=plan, seeds={})


def select(experiment: Experiment, profile: str, only: Mapping[str, str]) -> list[Any]:
    """The settings of a profile whose fields have the values that `only` writes, as users type them: 1e-3 or .001,
    true or True.

    Raises
        StudyError: for an unknown profile, a profile without settings, or an unknown field.
    """
    check_profile(profile)
    settings = list(experiment.grid.get(profile, ()))
    if not settings:
        raise StudyError(f"experiment {experiment.name} has no settings for profile {profile}.")
    known = experiment.names
    for name in only:
        if name not in known:
            raise StudyError(
                f"experiment {experiment.name} has no parameter {name!r}; it has {', '.join(known)}."
            )
    chosen = [s for s in settings if all(is_written(getattr(s, n), v) for n, v in only.items())]
    if not chosen:
        asked = ", ".join(f"{name}={value}" for name, value in only.items())
        raise StudyError(
            f"no setting of {experiment.name} at profile {profile} has {asked}; "
            "list them with `wsbook status --settings`."
        )
    return chosen


def is_written(value: Any, text: str) -> bool:
    """Whether `text` is a way to write a value of a field."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, (int, float)):
        try:
            return float(text) == value
        except ValueError:
            return False
    return text == str(value)


def varied(settings: Sequence[Any]) -> list[str]:
    """The fields in which settings differ."""
    rows = [parameters(setting) for setting in settings]
    return [name for name in rows[0] if len({str(row[name]) for row in rows}) > 1]


def label(setting: Any, names: Sequence[str]) -> str:
    """How a table or a message names a setting: "lr=0.01 hidden=140"."""
    values = parameters(setting)
    return " ".join(f"{name}={values[name]}" for name in names) or "the default"


def override(experiment: Experiment, settings: Sequence[Any], changes: Mapping[str, Any]) -> list[Any]:
    """The same settings with some fields replaced; duplicates that this makes are dropped.

    Raises
        StudyError: for an unknown field, a value of another type or that is no finite number, one out of range,
            or one that the experiment knows nothing of.
    """
    known = parameters(settings[0])
    if unknown := set(changes) - set(known):
        raise StudyError(
            f"unknown parameter {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}."
        )
    for name, value in changes.items():
        wanted = type(known[name])
        of_type = isinstance(value, (int, float) if wanted is float else wanted)
        if not of_type or isinstance(value, bool) is not (wanted is bool):
            raise StudyError(f"parameter {name} takes a value of type {wanted.__name__}, not {value!r}.")
        if wanted is float and not math.isfinite(value):
            raise StudyError(f"parameter {name} takes a finite number, not {value}.")
    changed = list(dict.fromkeys(replace(setting, **changes) for setting in settings))
    for setting in changed if changes else ():
        check_ranges(setting)
        experiment.check(setting)
    return changed


def plan(
    experiment: Experiment, settings: Sequence[Any], seeds: int, device: str = "cpu"
) -> list[list[Cell]]:
    """All cells of `settings` x range(seeds), grouped into stacks of equal `stack_key`; one seed for settings that draw
    nothing.

    Raises
        StudyError: if seeds is not a positive number.
    """
    if seeds <= 0:
        raise StudyError(f"the number of seeds must be positive, not {seeds}.")
    one_by_one = experiment.stack_size == 1
    size = experiment.stack_size if device == "cpu" or one_by_one else experiment.gpu_stack_size
    groups: dict[Hashable, list[Cell]] = {}
    for setting in settings:
        group = groups.setdefault(experiment.stack_key(setting), [])
        group.extend(Cell(setting, seed) for seed in range(seeds if experiment.draws(setting) else 1))
    return [group[i : i + size] for group in groups.values() for i in range(0, len(group), size)]


def parameters(setting: Any) -> dict[str, Any]:
    """The setting as a JSON-ready dictionary."""
    return asdict(setting)
