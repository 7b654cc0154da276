"""The provenance page: which runs, on what, with which versions, and how long everything took."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from wsbook.book.dependencies import executed_as
from wsbook.book.pages.badge import duration
from wsbook.catalogue import EXPERIMENTS
from wsbook.figures.display import Cell, table
from wsbook.study.collect import load
from wsbook.study.fingerprint import notes
from wsbook.study.places import RESULTS, ROOT, RUNS
from wsbook.study.provenance import RECORDED_VERSIONS
from wsbook.verdicts.status import benchmark_status

PAGE = """---
html_theme.sidebar_secondary.remove: true
---

# Provenance

```{{div}} lead
Which runs stand behind the pages, on what machine and with which versions, and what it all cost.
```

## Committed records

{committed}

A record is stale when the code that measured it has changed its meaning since. Core time is the
sum over runs of the time each took on its core. A change after which every experiment that it touches
still measures what it did before, to the last digit of all its quick settings, makes no record stale.

{equivalent}

## Images and networks behind the committed records

Fingerprints of what runs were measured on, as far as their records say. Networks of one name that were trained in another
way, or again on another machine, with other rounding, have another one.

{data}

## Versions behind the committed records

{versions}

## This build

{here}

{notebooks}

## Benchmarks

{benchmarks}

```{{include}} badge.md
```
"""


def record_rows(directory: Path) -> pd.DataFrame:
    """One row for each experiment and profile that has records in a directory."""
    rows = []
    for experiment in EXPERIMENTS.values():
        for profile in experiment.grid:
            records = load(experiment, profile, directory)
            if not records:
                continue
            seconds = sum(record.provenance["seconds"] for record in records)
            rows.append(
                {
                    "Experiment": experiment.name,
                    "What": experiment.title,
                    "Profile": profile,
                    "Runs": len(records),
                    "Seeds": len({record.seed for record in records}),
                    "Stale": sum(record.source != experiment.source for record in records),
                    "Core time": Cell(duration(seconds), sort=seconds),
                    "Hardware": ", ".join(sorted({r.provenance["device"] for r in records})),
                    "Latest": max(record.provenance["utc"] for record in records)[:10],
                    "Commit": ", ".join(sorted({abbreviated(r.provenance["commit"]) for r in records})),
                }
            )
    return pd.DataFrame(rows)


def abbreviated(commit: str) -> str:
    """A commit in the seven digits that git shows, with its plus where the package differed from it."""
    return commit[:7] + "+" * commit.endswith("+")


def compared(note: Mapping[str, Any]) -> str:
    """How it was shown that code measures what earlier code did."""
    experiments = f"{len(note['experiments'])} experiments"
    return (
        f"compared in {note['cells']} cells of {experiments}"
        if note["cells"]
        else f"the same code of {experiments}"
    )


def equivalent_list() -> str:
    """One item for each change of code that was shown to change no number."""
    items = [
        f"- {note['why']} Since {abbreviated(note['commit'])}; {compared(note)} on {note['utc'][:10]}."
        for note in notes()
    ]
    return "\n".join(["So it was with these:\n", *items]) if items else ""


def all_provenance() -> Iterator[dict[str, Any]]:
    """The provenance of every committed record."""
    for experiment in EXPERIMENTS.values():
        for profile in experiment.grid:
            yield from (record.provenance for record in load(experiment, profile, RESULTS))


def data_rows() -> pd.DataFrame:
    """Every image set and trained network that a committed record names, with its fingerprint."""
    found = Counter(pair for origin in all_provenance() for pair in origin.get("data", {}).items())
    rows = [{"Data": name, "Fingerprint": value, "Runs": n} for (name, value), n in sorted(found.items())]
    return pd.DataFrame(rows)


def version_rows() -> pd.DataFrame:
    """Every combination of versions and precision found in the committed records."""
    fields = ("python", *RECORDED_VERSIONS, "precision", "products", "threads")
    found = Counter(
        tuple(str(origin.get(name, "default")) for name in fields) for origin in all_provenance()
    )
    return pd.DataFrame([{**dict(zip(fields, key, strict=True)), "runs": n} for key, n in found.items()])


def notebook_rows() -> pd.DataFrame:
    """Wall time of each executed notebook, from papermill's own metadata."""
    rows = []
    for path in sorted((ROOT / "book" / "executed").glob("*.ipynb")):
        _, papermill = executed_as(path)
        rows.append(
            {
                "Notebook": path.stem,
                "Profile": papermill["parameters"].get("profile", "quick"),
                "Wall time": Cell(duration(papermill["duration"]), sort=papermill["duration"]),
            }
        )
    return pd.DataFrame(rows)


def html(frame: pd.DataFrame, caption: str, otherwise: str) -> str:
    """A sortable table, or a sentence where there are no rows."""
    return table(frame, caption, sortable=True).html if len(frame) else otherwise


def provenance_page() -> str:
    """The whole page as MyST Markdown."""
    benchmarks = pd.DataFrame(benchmark_status())
    if len(benchmarks):
        benchmarks = benchmarks[
            ["name", "value", "unit", "baseline", "baseline_value", "ratio", "hardware"]
        ]
    return PAGE.format(
        committed=html(record_rows(RESULTS), "Committed records", "None yet."),
        equivalent=equivalent_list(),
        data=html(data_rows(), "Image sets and networks", "None named yet."),
        versions=html(version_rows(), "Versions", "None yet."),
        here=html(record_rows(RUNS), "Runs of this machine", "Nothing was computed here."),
        notebooks=html(notebook_rows(), "Executed notebooks", "No notebook has been executed."),
        benchmarks=html(benchmarks, "Benchmarks", "None recorded yet."),
    )
