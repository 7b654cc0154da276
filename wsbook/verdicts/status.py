"""What is recorded, stale or missing, and what the missing part would cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from statistics import median
from typing import Any

from wsbook.study.collect import load
from wsbook.study.experiment import Experiment, label, parameters, plan, varied
from wsbook.study.places import RESULTS
from wsbook.study.record import Record, RecordFile, cell_key
from wsbook.verdicts.scorecard import Experiments

BENCHMARKS = "benchmarks"  # the folder of results/ that holds benchmark records


def experiment_status(experiments: Experiments) -> list[dict[str, object]]:
    """One row for each experiment and profile: cells done, stale and missing, and hours to go."""
    return [
        profile_status(experiment, profile)
        for experiment in experiments.values()
        for profile in experiment.grid
    ]


def profile_status(experiment: Experiment, profile: str) -> dict[str, object]:
    """Counts for one experiment at one profile, and what the rest would cost by `likely_seconds`."""
    records = {record.cell: record for record in load(experiment, profile)}
    planned = [cell for stack in plan(experiment, experiment.grid[profile], experiment.seeds[profile])
               for cell in stack]  # fmt: skip
    states: Counter[str] = Counter()
    waiting: Counter[Any] = Counter()  # setting -> cells
    written = {setting: parameters(setting) for setting in experiment.grid[profile]}
    source = experiment.source
    for cell in planned:
        record = records.get(cell_key(written[cell.setting], cell.seed))
        current = record is not None and record.source == source
        states["missing" if record is None else "done" if current else "stale"] += 1
        waiting[cell.setting] += not current
    seconds = [
        count * likely_seconds(parameters(setting), list(records.values()))
        for setting, count in waiting.items()
        if count and records
    ]
    return {
        "experiment": experiment.name,
        "profile": profile,
        "title": experiment.title,
        "planned": len(planned),
        **{state: states[state] for state in ("done", "stale", "missing")},
        "core_seconds_to_go": round(sum(seconds), 1) if seconds else None,
    }


def likely_seconds(wanted: Mapping[str, Any], records: Sequence[Record]) -> float:
    """What a cell took whose setting has as many parameters in common with the wanted one as any: the median."""
    alike = [sum(wanted.get(name) == value for name, value in r.parameters.items()) for r in records]
    return median(r.provenance["seconds"] for r, count in zip(records, alike) if count == max(alike))


def setting_status(experiments: Experiments) -> list[dict[str, object]]:
    """One row for each setting: only the fields in which an experiment's settings differ."""
    rows = []
    for experiment in experiments.values():
        for profile, settings in experiment.grid.items():
            names = varied(settings)
            rows += [
                {"experiment": experiment.name, "profile": profile, "setting": label(setting, names)}
                for setting in settings
            ]
    return rows


def benchmark_status() -> list[dict[str, object]]:
    """The latest record of each benchmark: name, value, unit, baseline value, ratio, hardware.

    Without rows that only an earlier form of a benchmark measured."""
    rows: dict[tuple[object, object], dict[str, object]] = {}
    for path in sorted((RESULTS / BENCHMARKS).glob("*.jsonl")):
        records = RecordFile(RESULTS, BENCHMARKS, path.stem).read()
        _, newest = max(((r.provenance["utc"], r.source) for r in records), default=("", ""))
        for record in (r for r in records if r.source == newest):
            name = record.parameters["name"], record.parameters["baseline"]
            row = {
                **record.parameters,
                **record.metrics,
                "hardware": record.provenance["device"],
                "utc": record.provenance["utc"],
            }
            if name not in rows or row["utc"] >= rows[name]["utc"]:
                rows[name] = row
    return list(rows.values())


def json_ready(value: object) -> object:
    """`value` with null for the numbers that JSON does not have: NaN and the infinities."""
    if isinstance(value, Mapping):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
