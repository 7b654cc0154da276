"""Load or compute: the records of an experiment as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from types import NoneType
from typing import Any

import pandas as pd

from wsbook.errors import StudyError
from wsbook.study.device import check_device
from wsbook.study.experiment import Experiment, override, parameters, plan, select
from wsbook.study.injected import cells_so_far, check_injected
from wsbook.study.places import RESULTS, RUNS
from wsbook.study.record import Record, RecordFile, cell_key
from wsbook.study.run import missing_stacks, run

TYPES = {  # of a notebook's parameters
    "profile": (str, "the name of a profile"),
    "seeds": ((int, NoneType), "a whole number, or None for the profile's"),
    "overrides": ((Mapping, NoneType), "values by name, such as {'lr': 0.01}"),
    "device": (str, "the name of a device"),
    "jobs": (int, "a whole number of processes"),
}


def load(experiment: Experiment, profile: str, *directories: Path) -> list[Record]:
    """The newest record of every cell, those of today's code before stale ones.

    Looks in `directories`; by default in the committed records, then in this machine's runs.
    """
    source = experiment.source
    best: dict[str, Record] = {}
    for directory in directories or (RESULTS, RUNS):
        for found in RecordFile(directory, profile, experiment.name).read():
            record = completed(found, experiment)
            known = best.get(record.cell)
            rank = (record.source == source, record.provenance["utc"])
            if known is None or rank >= (known.source == source, known.provenance["utc"]):
                best[record.cell] = record
    return list(best.values())


def completed(record: Record, experiment: Experiment) -> Record:
    """A record with the defaults of parameters that its experiment had not got yet, which say what it did then."""
    later = {
        field.name: field.default
        for field in fields(experiment.kind)
        if field.name not in record.parameters and field.default is not MISSING
    }
    return replace(record, parameters={**record.parameters, **later}) if later else record


def collect(
    experiment: Experiment,
    profile: str = "quick",
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    device: str = "cpu",
    jobs: int = 1,
) -> pd.DataFrame:
    """Records of all settings of a profile x seeds, computed here where there are none of today's code.

    Args
        seeds: number of seeds; by default the profile's.
        overrides: fields to replace in every setting.

    Returns a table, see `frame`.

    Raises
        StudyError: for an unknown profile or parameter, or a value of another type or out of range.
    """
    check_injected(cells_so_far())
    check_types(profile=profile, seeds=seeds, overrides=overrides, device=device, jobs=jobs)
    check_device(device)
    settings = override(experiment, select(experiment, profile, {}), overrides or {})
    seeds = experiment.seeds[profile] if seeds is None else seeds
    stacks = missing_stacks(experiment, settings, seeds, device, load(experiment, profile))
    if stacks:
        run(experiment, profile, stacks, device, jobs, RUNS)
    wanted = {
        cell_key(parameters(cell.setting), cell.seed)
        for stack in plan(experiment, settings, seeds, device)
        for cell in stack
    }
    return frame([r for r in load(experiment, profile) if r.cell in wanted], experiment)


def check_types(**given: Any) -> None:
    """Raise a StudyError where a notebook's parameter has another type than it should: papermill takes any."""
    for name, value in given.items():
        kinds, wanted = TYPES[name]
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise StudyError(f"{name} takes {wanted}, not {value!r}.")
    if odd := [name for name in given.get("overrides") or {} if not isinstance(name, str)]:
        raise StudyError(f"overrides takes names of parameters, not {odd[0]!r}.")


def frame(records: Sequence[Record], experiment: Experiment) -> pd.DataFrame:
    """One row a record: parameters, `seed`, metrics and curves as columns, and what a page must say.

    That is `profile`, `stale` (measured by other code than today's), `paper_scale`, `device`, `utc`
    and `seconds`. Sorted by setting as planned, then seed. Without records there are no columns of metrics.
    """
    source = experiment.source
    rows = [
        {
            **record.parameters,
            "seed": record.seed,
            **record.metrics,
            **record.curves,
            "profile": record.profile,
            "stale": record.source != source,
            "paper_scale": experiment.at_paper_scale(as_setting(experiment, record)),
            **{key: record.provenance[key] for key in PROVENANCE},
        }
        for record in records
    ]
    order = planned_order(experiment)
    rows.sort(key=lambda row: (order.get(setting_key(row, experiment), len(order)), row["seed"]))
    nothing = [*experiment.names, "seed", *PAGE, *PROVENANCE]
    return pd.DataFrame(rows, columns=None if rows else nothing)


PAGE = ("profile", "stale", "paper_scale")
PROVENANCE = ("device", "accelerator", "utc", "seconds")


def as_setting(experiment: Experiment, record: Record) -> Any:
    """The setting of a record as the experiment's dataclass."""
    return experiment.kind(**record.parameters)


def setting_key(row: Mapping[str, Any], experiment: Experiment) -> str:
    """Identity of the setting in a table row."""
    return cell_key({name: row[name] for name in experiment.names}, 0)


def planned_order(experiment: Experiment) -> dict[str, int]:
    """Position of every planned setting, over all profiles."""
    settings = dict.fromkeys(s for grid in experiment.grid.values() for s in grid)
    return {cell_key(parameters(s), 0): i for i, s in enumerate(settings)}
