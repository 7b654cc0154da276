"""A paper is added by a folder, a claim file and a notebook: it runs, is judged and is rendered, and no other file changes."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from wsbook.study.places import ROOT

FILES = {
    "wsbook/papers/coins/__init__.py": '"""A paper about coins."""\n',
    "wsbook/papers/coins/measure.py": '''"""Tosses of a coin."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from wsbook.study.experiment import Cell, Measured


@dataclass(frozen=True)
class Coin:
    """A coin and how often it is tossed."""

    tosses: int = 100
    bias: float = 0.8


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """The share of heads."""
    return [Measured({"heads": heads(cell.setting, cell.seed)}, {}) for cell in cells]


def heads(coin: Coin, seed: int) -> float:
    """The share of heads among the tosses of a seed."""
    draws = torch.rand(coin.tosses, generator=torch.Generator().manual_seed(seed))
    return (draws < coin.bias).float().mean().item()
''',
    "wsbook/papers/coins/paper.py": '''"""Paper T, as the catalogue finds it."""

from wsbook.papers.coins.measure import Coin, measure
from wsbook.study.experiment import Experiment, always
from wsbook.study.paper import Paper

TOSSES = Experiment(
    name="t-tosses",
    title="Tosses of a coin",
    grid={"quick": [Coin()], "cpu": [Coin(1000)]},
    seeds={"quick": 3, "cpu": 8},
    measure=measure,
    at_paper_scale=always,
)
PAPER = Paper(letter="T", title="On coins", short="Coins", experiments=[TOSSES], samples={})
''',
    "claims/T.yaml": """- id: T-heads
  title: The coin favours heads
  where: section 1
  notebook: T1_coins
  statement: More than half of the tosses are heads.
  reading: By the mean over seeds.
  parts:
    - {says: More heads than tails, experiment: t-tosses, metric: heads, rule: threshold, above: 0.5, matters: 0.1, ours: true}
""",
}
CELLS = (
    ("T1. Coins", "markdown", []),
    ('profile = "quick"\nseeds = None\noverrides = {}\ndevice = "cpu"\njobs = 1', "code", ["parameters"]),
    (
        "from wsbook.papers.coins.paper import TOSSES\nfrom wsbook.study.collect import collect\n\n"
        "list(collect(TOSSES, profile, seeds, overrides, device, jobs).tosses)",
        "code",
        [],
    ),
)


def notebook():
    cells = [
        {"cell_type": kind, "metadata": {"tags": tags}, "source": source, "id": f"cell-{number}"}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (source, kind, tags) in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project as it stands, with one more paper."""
    folder = tmp_path_factory.mktemp("house") / "wsbook"
    skipped = shutil.ignore_patterns("__pycache__", "executed", "generated", "jsonl")
    for part in ("wsbook", "claims", "notebooks", "book"):
        shutil.copytree(ROOT / part, folder / part, ignore=skipped)
    (folder / "results").mkdir()
    for name in ("_toc.yml", "_config.yml", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    for name, text in {**FILES, "notebooks/T1_coins.ipynb": notebook()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        assert not (folder / name).exists()
        (folder / name).write_text(text)
    return folder


def python(folder, *arguments):
    environ = os.environ | {"PYTHONPATH": str(folder), "CI": "true", "WSBOOK_RUNS": str(folder / "runs")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_runs_is_judged_and_is_rendered(house):
    command = ["-m", "wsbook", "run", "t-tosses", "--profile", "cpu", "--jobs", "2", "--results", "results"]
    assert "t-tosses: 8 cells recorded" in python(house, *command)
    claims = json.loads(python(house, "-m", "wsbook", "status", "--json"))["claims"]
    (claim,) = (claim for claim in claims if claim["id"] == "T-heads")
    assert (claim["verdict"], claim["n"], round(claim["value"], 1)) == ("reproduced", 8, 0.8)
    python(house, "-m", "wsbook", "execute", "T1_coins", "executed.ipynb")
    *_, last = json.loads((house / "executed.ipynb").read_text())["cells"]
    assert "".join(last["outputs"][0]["data"]["text/plain"]) == "[100, 100, 100]"
    page = python(house, "-c", SCORECARD)
    assert "The coin favours heads" in page and "claim-t-heads" in page


SCORECARD = """
from wsbook.book.pages.findings import findings_page
from wsbook.book.pages.scorecard import scorecard_page
from wsbook.book.pages.verdict_map import map_page
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.verdicts.scorecard import decide_all
decisions = [d for d in decide_all(EXPERIMENTS, DERIVED) if d.claim.id.startswith("T")]
print(scorecard_page(decisions), map_page(decisions), findings_page(decisions))
"""
