"""Zoos on the command line: wsbook zoo train | list | show | export."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from wsbook.errors import StudyError

if TYPE_CHECKING:  # what needs PyTorch is imported where it is used
    from torch import Tensor

    from wsbook.zoo.inventory import ShelvedZoo

zoo_app = typer.Typer(no_args_is_help=True, help="Train, list and export populations of networks.")
console = Console()
WIDTH = 100  # columns of a table that is not cut


@zoo_app.command()
def train(
    data: Annotated[str, typer.Argument(help="An image set of `wsbook data list`, or text-a or text-b.")],
    network: Annotated[str | None, typer.Option(help="Architecture.")] = None,
    models: Annotated[int | None, typer.Option(help="Networks.")] = None,
    images: Annotated[int | None, typer.Option(help="At most so many to train each on.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over these images.")] = None,
    kept: Annotated[int | None, typer.Option(help="Last epochs after which weights are kept.")] = None,
    batch: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate of Adam.")] = None,
    spread: Annotated[float | None, typer.Option(help="Rates are 10^u lr, u uniform in +- this.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled weight decay.")] = None,
    activation: Annotated[str | None, typer.Option(help="tanh, relu, sigmoid, gelu or own.")] = None,
    first_seed: Annotated[int | None, typer.Option(help="Seeds count up from here, one a model.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Train the networks of a zoo that are not on the shelf yet; goes on where it was stopped.

    What is not given is as `wsbook.zoo.setting.Zoo` has it.
    """
    given = {k: v for k, v in locals().items() if v is not None and k not in ("jobs", "device")}
    for name, value in given.items():
        if isinstance(value, float) and not isfinite(value):
            raise StudyError(f"--{name.replace('_', '-')} takes a finite number, not {value}.")
    from wsbook.zoo.setting import Zoo
    from wsbook.zoo.workers import complete

    zoo = Zoo(**given)
    trained = complete(zoo, jobs, device)
    _say(f"zoo of {data}: {trained} of {zoo.models} networks trained now, the others were there.")


@zoo_app.command("list")
def list_() -> None:
    """All zoos on the shelf, and files that belong to none."""
    from wsbook.zoo.inventory import shelved

    zoos, orphans = shelved()
    table = Table(
        "id", "data", "network", "models", "epochs", "test accuracy, %", "size", "state", box=None
    )
    for zoo in zoos:
        own = zoo.parameters
        last = [row[-1] for row in zoo.accuracy.values()]
        table.add_row(
            zoo.id, own["data"], own["network"], str(len(last)), f"{own['epochs']} ({own['kept']} kept)",
            _range(last), _size(zoo.size), _state(zoo),
        )  # fmt: skip
    if zoos:
        console.print(table, width=max(WIDTH, console.width), crop=False)
    else:
        _say("no zoo is on the shelf; `wsbook zoo train DATA` trains one.")
    if any(zoo.stale for zoo in zoos):
        _say("stale zoos were made by other code than today's, which trains its own when it needs them.")
    for path in [path for zoo in zoos for path in zoo.damaged]:
        _say(f"damaged: {path}; delete it, then train its zoo again.")
    for orphan in orphans:
        _say(f"orphan: {orphan.path}: {orphan.why}.")


@zoo_app.command()
def show(
    zoo: Annotated[str, typer.Argument(help="An identifier of `wsbook zoo list`, or an image set.")],
) -> None:
    """The parameters, the accuracies epoch by epoch and the files of a zoo."""
    from wsbook.zoo.inventory import chosen

    for found in chosen(zoo):
        _say(f"zoo {found.id} of {found.parameters['data']}, {_state(found)}")
        _say("  " + ", ".join(f"{name} {value}" for name, value in found.parameters.items()))
        first = found.parameters["epochs"] - found.parameters["kept"] + 1
        for number, after in enumerate(zip(*found.accuracy.values()), first):
            mean = 100 * sum(float(value) for value in after) / len(after)
            _say(f"  epoch {number}: test accuracy {mean:.1f} % on average, {_range(after)} %")
        for shard in found.shards:
            damage = " (damaged)" if shard.accuracy is None else ""
            _say(f"  models {shard.seeds.start} to {shard.seeds.stop - 1}: {shard.path}{damage}")


@zoo_app.command()
def export(
    zoo: Annotated[str, typer.Argument(help="An identifier of `wsbook zoo list`, or an image set.")],
    folder: Annotated[Path, typer.Argument(help="Where to put it; it must not exist.")],
    models: Annotated[int | None, typer.Option(help="Only so many, the first by seed.")] = None,
) -> None:
    """Write a zoo for others: weights by parameter name, a table, and a card that says how to read them."""
    from wsbook.zoo.export import export as write
    from wsbook.zoo.inventory import only

    table = write(only(zoo), folder, models)
    _say(f"{table.model.nunique()} networks after {table.epoch.nunique()} epochs are in {folder} now.")


def _say(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def _state(zoo: "ShelvedZoo") -> str:
    return "stale" if zoo.stale else "current"


def _range(accuracies: "Sequence[Tensor]") -> str:
    """The smallest and the largest of some accuracies, in per cent."""
    return f"{100 * min(accuracies):.1f} to {100 * max(accuracies):.1f}" if accuracies else ""


def _size(count: int) -> str:
    """Bytes in mebibytes."""
    return f"{count / 2**20:.1f} MiB"
