"""A toy experiment, and folders of its own for every test: nothing here touches results/ or runs/."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from wsbook import catalogue
from wsbook.cli import main
from wsbook.errors import StudyError
from wsbook.study import collect, experiment, shelf
from wsbook.study.experiment import Cell, Experiment, Measured
from wsbook.study.record import Record, RecordFile
from wsbook.verdicts import scorecard, status


@dataclass(frozen=True)
class Toy:
    """A setting."""

    size: int = 1
    slope: float = 0.5

    def __post_init__(self):
        if self.size <= 0:
            raise StudyError(f"size must be positive, not {self.size}.")


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Numbers that depend on the setting and the seed alone."""
    return [
        Measured(
            {"level": cell.setting.size + 0.01 * (cell.seed * 7 % 5), "half": cell.setting.slope / 3},
            {"curve": [cell.setting.size / (1 + step) for step in range(3)]},
        )
        for cell in cells
    ]


@dataclass
class Laboratory:
    """The toy experiment, where it records, and what it has measured so far."""

    root: Path
    experiment: Experiment = None
    measured: list[list[Cell]] = field(default_factory=list)  # one entry a stack
    source: str = "today"  # what stands for the fingerprint of the code

    def measure(self, cells: Sequence[Cell], device: str) -> list[Measured]:
        self.measured.append(list(cells))
        return measure(cells, device)

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def file(self, directory: Path | None = None, profile: str = "quick") -> RecordFile:
        return RecordFile(directory or self.runs, profile, self.experiment.name)

    def record(self, setting: Toy = Toy(), seed: int = 0, **changes) -> Record:
        """The record that the experiment would leave, with some of its fields or provenance changed."""
        found = measure([Cell(setting, seed)], "cpu")[0]
        origin = {
            "utc": changes.pop("utc", "2026-01-01T00:00:00Z"),
            "source": changes.pop("source", self.source),
            "seconds": changes.pop("seconds", 2.0),
            "device": changes.pop("device", "a processor"),
            "accelerator": False,
        }
        record = Record(
            experiment=self.experiment.name,
            profile="quick",
            parameters=experiment.parameters(setting),
            seed=seed,
            metrics=dict(found.metrics),
            curves={name: list(curve) for name, curve in found.curves.items()},
            provenance=origin,
        )
        return replace(record, **changes)


@pytest.fixture
def toy(monkeypatch, tmp_path) -> Laboratory:
    """The toy experiment, registered under its name and recording below tmp_path."""
    lab = Laboratory(tmp_path)
    settings = [Toy(1), Toy(2), Toy(3, 0.25)]
    lab.experiment = Experiment(
        name="toy",
        title="A toy",
        grid={"quick": settings, "cpu": settings, "paper": settings},
        seeds={"quick": 4, "cpu": 6, "paper": 8},
        measure=lab.measure,
        at_paper_scale=lambda setting: setting.size >= 2,
        stack_size=2,
        gpu_stack_size=3,
        stack_key=lambda setting: setting.size,
    )
    monkeypatch.setattr(catalogue, "EXPERIMENTS", {"toy": lab.experiment})
    monkeypatch.setattr(experiment, "fingerprint", lambda *makers: lab.source)
    for module in (collect, scorecard, status):
        monkeypatch.setattr(module, "RESULTS", lab.results)
    monkeypatch.setattr(collect, "RUNS", lab.runs)
    return lab


@pytest.fixture
def settings() -> type[Toy]:
    """The class of the toy experiment's settings."""
    return Toy


@pytest.fixture
def wsbook(monkeypatch, capsys):
    """A function that runs a command in this process; returns exit status, output and error output."""

    def wsbook(*arguments):
        monkeypatch.setattr(sys, "argv", ["wsbook", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return wsbook


@pytest.fixture
def one_sentence():
    """A check that a message is one sentence on one line."""

    def check(error: BaseException | str) -> str:
        text = str(error)
        assert text.endswith(".") and "\n" not in text and ". " not in text, text
        return text

    return check


@pytest.fixture
def own_shelf(monkeypatch, tmp_path):
    """A shelf below tmp_path."""
    monkeypatch.setattr(shelf, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shelf, "RESULTS", tmp_path / "results")
    return tmp_path / "runs"
