"""What is recorded, stale or missing, and what the missing part would cost."""

from collections import Counter
from collections.abc import Mapping
from math import isfinite
from statistics import median

from wsbook.study.collect import load
from wsbook.study.experiment import Experiment, parameters, plan
from wsbook.study.places import RESULTS
from wsbook.study.record import RecordFile, cell_key
from wsbook.study.scorecard import Experiments

BENCHMARKS = "benchmarks"  # the folder of results/ that holds benchmark records


def experiment_status(experiments: Experiments) -> list[dict[str, object]]:
    """One row for each experiment and profile: cells done, stale and missing, and hours to go."""
    return [
        profile_status(experiment, profile)
        for experiment in experiments.values()
        for profile in experiment.grid
    ]


def profile_status(experiment: Experiment, profile: str) -> dict[str, object]:
    """Counts for one experiment at one profile; the cost is that of past cells, preferably the same."""
    records = {record.cell: record for record in load(experiment, profile)}
    planned = [cell for stack in plan(experiment, experiment.grid[profile], experiment.seeds[profile])
               for cell in stack]  # fmt: skip
    states: Counter[str] = Counter()
    for cell in planned:
        record = records.get(cell_key(parameters(cell.setting), cell.seed))
        if record is None:
            states["missing"] += 1
        else:
            states["done" if record.source == experiment.source else "stale"] += 1
    seconds = [record.provenance["seconds"] for record in records.values()]
    waiting = states["missing"] + states["stale"]
    return {
        "experiment": experiment.name,
        "profile": profile,
        "title": experiment.title,
        "planned": len(planned),
        **{state: states[state] for state in ("done", "stale", "missing")},
        "core_seconds_to_go": round(median(seconds) * waiting, 1) if seconds and waiting else None,
    }


def setting_status(experiments: Experiments) -> list[dict[str, object]]:
    """One row for each setting: only the fields in which an experiment's settings differ."""
    rows = []
    for experiment in experiments.values():
        for profile, settings in experiment.grid.items():
            fields = [parameters(setting) for setting in settings]
            varied = [name for name in fields[0] if len({str(f[name]) for f in fields}) > 1]
            rows += [
                {
                    "experiment": experiment.name,
                    "profile": profile,
                    "setting": " ".join(f"{name}={f[name]}" for name in varied) or "the default",
                }
                for f in fields
            ]
    return rows


def benchmark_status() -> list[dict[str, object]]:
    """The latest record of each benchmark: name, value, unit, baseline value, ratio, hardware."""
    rows: dict[tuple[object, object], dict[str, object]] = {}
    for path in sorted((RESULTS / BENCHMARKS).glob("*.jsonl")):
        for record in RecordFile(RESULTS, BENCHMARKS, path.stem).read():
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
