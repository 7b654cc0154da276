"""The command line: wsbook run | status | build | execute | render | store | check | odds | equate | ...: see --help."""

import json
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from wsbook.errors import StudyError
from wsbook.study.places import RUNS
from wsbook.study.profile import PROFILES, check_profile
from wsbook.study.record import DamagedRecord
from wsbook.zoo.commands import zoo_app

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, rich_markup_mode=None)
data_app = typer.Typer(no_args_is_help=True, help="List, fetch and verify image sets.")
app.add_typer(data_app, name="data")
app.add_typer(zoo_app, name="zoo")
console = Console(markup=False)  # paths and messages may hold brackets

ProfileOption = Annotated[str, typer.Option(help=f"One of {', '.join(PROFILES)}.")]


def assignments(pairs: list[str]) -> dict[str, str]:
    """{"beta1": "0.7"} from ["beta1=0.7"].

    Raises
        StudyError: for a pair without an equals sign, or a key that comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if not mark:
            raise StudyError(f"--only takes key=value, not {pair!r}.")
        if key in found:
            raise StudyError(f"--only has two values for {key}; run once for each.")
        found[key] = value
    return found


@app.command()
def run(
    experiments: Annotated[list[str], typer.Argument(help="Names as `wsbook status` lists them, or all.")],
    profile: ProfileOption = "quick",
    only: Annotated[list[str] | None, typer.Option(help="key=value: just settings with this.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Number of seeds; by default the profile's.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    results: Annotated[Path, typer.Option(help="Where to record.")] = RUNS,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Go past cells that fail; list them at the end.")
    ] = False,
) -> None:
    """Measure and record all cells that today's code has not recorded in --results yet."""
    from wsbook.catalogue import EXPERIMENTS, find_experiment
    from wsbook.study import run as runner
    from wsbook.study.collect import load
    from wsbook.study.experiment import select

    check_profile(profile)
    every = [name for name, experiment in EXPERIMENTS.items() if experiment.grid.get(profile)]
    names = every if experiments == ["all"] else dict.fromkeys(experiments)
    plans = []
    for experiment in map(find_experiment, names):  # refuse bad input before any compute is spent
        settings = select(experiment, profile, assignments(only or []))
        count = experiment.seeds[profile] if seeds is None else seeds
        known = load(experiment, profile, results)
        plans.append((experiment, runner.missing_stacks(experiment, settings, count, device, known)))
    failures = []
    for experiment, stacks in plans:
        cells, reasons = runner.run(experiment, profile, stacks, device, jobs, results, keep_going)
        done = f"{experiment.name}: {cells} cells recorded in {results / profile}"
        console.print(done, highlight=False, soft_wrap=True)
        failures += reasons
    if failures:
        raise StudyError("\n".join(["some cells have no record:", *failures]))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Claims, experiments, benchmarks.")] = False,
    settings: Annotated[bool, typer.Option(help="List every setting too.")] = False,
) -> None:
    """What is recorded, stale or missing, and what the missing part would cost."""
    from wsbook.catalogue import DERIVED, EXPERIMENTS
    from wsbook.verdicts.scorecard import decide_all, summary
    from wsbook.verdicts.status import benchmark_status, experiment_status, json_ready, setting_status

    if as_json:
        document = {
            "claims": [summary(decision) for decision in decide_all(EXPERIMENTS, DERIVED)],
            "experiments": experiment_status(EXPERIMENTS),
            "benchmarks": benchmark_status(),
        }
        print(json.dumps(json_ready(document), indent=1, allow_nan=False))
        return
    rows = (setting_status if settings else experiment_status)(EXPERIMENTS)
    for row in rows:
        row.pop("title", None)  # too wide for a terminal
    table = Table(*rows[0], box=None)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console.print(table)


@app.command()
def build(
    profile: ProfileOption = "quick",
    notebook: Annotated[str, typer.Option(help="Just these at the profile, by comma; others quick.")] = "",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
) -> None:
    """Bring the book up to date: notebooks, computed pages, HTML."""
    from wsbook.book.build import build as build_book

    build_book(profile, [name for name in notebook.split(",") if name], device, jobs)
    console.print("The book is ready: open _build/html/index.html", highlight=False)


@app.command()
def render() -> None:
    """Write the computed pages of the book to book/generated."""
    from wsbook.book.pages import render_all

    for path in render_all():
        console.print(f"wrote {path}", highlight=False)


@app.command()
def execute(
    notebook: Annotated[str, typer.Argument(help="Stem of a notebook, such as A2_momentum.")],
    output: Annotated[Path, typer.Argument(help="Where to write the executed copy.")],
    profile: ProfileOption = "quick",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Execute a notebook with papermill, without any network."""
    from wsbook.book.execute import execute as run_notebook

    run_notebook(notebook, output, profile, device)
    console.print(f"executed {notebook}.ipynb at profile {profile}", highlight=False)


@app.command()
def store(
    notebooks: Annotated[list[str] | None, typer.Argument(help="Their stems; by default all.")] = None,
) -> None:
    """Keep the outputs of the executed quick notebooks in notebooks/."""
    from wsbook.book.pages.store import store_all

    for path in store_all(notebooks or ()):
        console.print(f"stored {path.name}", highlight=False)


@app.command()
def check() -> None:
    """Validate every record, claim, notebook, table-of-contents entry and link."""
    from wsbook.book.check import problems
    from wsbook.catalogue import DERIVED, EXPERIMENTS

    found = problems(EXPERIMENTS, DERIVED)
    for problem in found:
        console.print(problem, highlight=False, soft_wrap=True)
    if found:
        raise StudyError(f"{len(found)} problems found.")
    console.print("all records, claims, notebooks, contents and links are in order")


@app.command()
def odds() -> None:
    """Simulate the odds of every part of a claim that today's records decide, and keep them beside the records."""
    from wsbook.catalogue import DERIVED, EXPERIMENTS
    from wsbook.verdicts.odds_cache import COMMITTED, commit_odds
    from wsbook.verdicts.scorecard import decide_all

    count = commit_odds(decide_all(EXPERIMENTS, DERIVED))
    console.print(f"{COMMITTED} has the odds of {count} parts", highlight=False, soft_wrap=True)


@app.command()
def equate(
    commit: Annotated[str, typer.Argument(help="Whose numbers today's code should measure.")],
    why: Annotated[str, typer.Option(help="What was changed, in a sentence.")],
) -> None:
    """Keep records current over a change of code, if it is shown to change no number."""
    from wsbook.equivalence import equate as show

    note = show(commit, why)
    compared = f"{note['cells']} cells of {len(note['experiments'])} experiments"
    console.print(f"{compared} are as before, to the last digit", highlight=False, soft_wrap=True)


@app.command()
def fingerprints() -> None:
    """Print, as JSON, the fingerprints of the code behind experiments and what lies on the shelf, as it stands."""
    from wsbook.equivalence import named_fingerprints

    print(json.dumps(named_fingerprints(), indent=1))


@data_app.command("list")
def data_list() -> None:
    """Image sets, and whether they are at hand."""
    from wsbook.data.registry import list_sets

    for entry in list_sets():
        console.print(str(entry), highlight=False, soft_wrap=True)


@data_app.command("fetch")
def data_fetch(
    names: Annotated[list[str], typer.Argument(help="Names as `wsbook data list` gives them.")],
    pictures: Annotated[
        Path | None, typer.Option(help="For imagenet-folder: your folder SPLIT/CLASS/*.JPEG.")
    ] = None,
) -> None:
    """Download image sets and lay them out in WSBOOK_DATA, or in a folder of your caches."""
    from wsbook.data.fetch import fetch

    for name in names:
        console.print(fetch(name, pictures), highlight=False, soft_wrap=True)


@data_app.command("verify")
def data_verify(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Compare image sets with their fingerprints."""
    from wsbook.data.registry import list_sets, verify

    for name in names or [entry.name for entry in list_sets() if entry.present or entry.found]:
        for split, words in verify(name).items():
            console.print(f"{name} {split}: {words}", highlight=False, soft_wrap=True)


def main() -> None:
    """Entry point: a StudyError, or a file that may not be read, becomes one sentence on standard error and exit
    status 2."""
    warnings.simplefilter("default", DamagedRecord)
    warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=sys.stderr)
    try:
        app()
    except StudyError as error:
        print(f"wsbook: {error}", file=sys.stderr)
        sys.exit(2)
    except PermissionError as error:
        print(
            f"wsbook: you may not read or write {error.filename}; change its permissions.", file=sys.stderr
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
