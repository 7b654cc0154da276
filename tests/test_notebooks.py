"""nbval on every notebook, and planted faults that it and `wsbook check` must catch."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wsbook.book.check import notebook_problems
from wsbook.book.dependencies import NOTEBOOKS, code_cells, notebook_names
from wsbook.study.places import ROOT

COLUMNS = 83  # of code that a page shows; for more, readers must scroll
FAULTY = "A2_momentum"  # a quick notebook with curves, tables and two recaps


def nbval(notebook: Path, runs: Path, package: Path | None = None) -> subprocess.CompletedProcess:
    """Run a notebook anew at its stored parameters and compare all outputs with those stored."""
    environment = os.environ | {"WSBOOK_RUNS": str(runs), "OMP_NUM_THREADS": "1", "CI": "true"}
    if package:
        environment["PYTHONPATH"] = str(package)
    sanitiser = ROOT / "tests" / "nbval_sanitize.cfg"
    command = [sys.executable, "-m", "pytest", "--nbval", str(notebook), "--nbval-sanitize-with", str(sanitiser),
               "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(notebook.parent)]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=notebook.parent)


@pytest.fixture(scope="session")
def runs(tmp_path_factory, worker_id) -> Path:
    """An empty folder at the start of the tests, which all notebooks share as in a book: what several need is
    computed once."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "runs"  # workers have folders of their own


def by_paper() -> list:
    """All notebooks; one worker runs those of a paper, which share zoos and predictors."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(name[0])) for name in notebook_names()]


@pytest.mark.xdist_group("grouped")
def test_groups_of_tests_stay_on_one_worker(request, worker_id):
    """pytest-xdist tells workers the group by the test's name, which it cannot change from pytest 9.2 on."""
    if worker_id == "master":
        pytest.skip("the tests run without workers")
    assert request.node.nodeid.endswith("@grouped")


@pytest.mark.parametrize("name", by_paper())
def test_a_rerun_gives_the_stored_outputs(name, runs):
    done = nbval(NOTEBOOKS / f"{name}.ipynb", runs)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("name", notebook_names())
def test_code_fits_the_page(name):
    lines = "\n".join(code_cells(NOTEBOOKS / f"{name}.ipynb")).splitlines()
    assert [line for line in lines if len(line) > COLUMNS] == []


def test_every_notebook_compares_its_numbers_with_records():
    for name in notebook_names():
        said = re.findall(r"(\d+) of this run's (\d+) cells", (NOTEBOOKS / f"{name}.ipynb").read_text())
        assert said and all(0 < int(shared) <= int(cells) for shared, cells in said), name


def faulty_copy(folder: Path, change) -> Path:
    """A copy of one notebook with `change(cells)` applied to its cells."""
    document = json.loads((NOTEBOOKS / f"{FAULTY}.ipynb").read_text())
    change(document["cells"])
    path = folder / f"{FAULTY}.ipynb"
    path.write_text(json.dumps(document))
    return path


def change_a_number(cells: list[dict]) -> None:
    """One digit of one number in a stored table, in its text and its HTML."""
    for cell in cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "means over seeds" in "".join(data.get("text/plain", "")):
                for kind in ("text/plain", "text/html"):
                    text = "".join(data[kind])
                    place = text.index("0.5")
                    data[kind] = text[: place + 2] + "6" + text[place + 3 :]
                return
    raise AssertionError("the notebook has lost its table of means")


def test_a_changed_number_is_caught(tmp_path):
    done = nbval(faulty_copy(tmp_path, change_a_number), tmp_path / "runs")
    assert done.returncode == 1 and "mismatch" in done.stdout


def test_a_missing_execution_count_is_caught(tmp_path):
    def forget(cells):
        next(cell for cell in cells if cell["cell_type"] == "code" and cell["outputs"])[
            "execution_count"
        ] = None

    found = list(notebook_problems(faulty_copy(tmp_path, forget)))
    assert len(found) == 1 and "never executed" in found[0]


def test_a_flipped_sign_in_the_package_is_caught(tmp_path):
    for name in ("wsbook", "claims", "results"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    trainer = tmp_path / "wsbook" / "papers" / "primitives" / "method" / "training.py"
    healthy = trainer.read_text()
    assert "codes.sign()" in healthy
    trainer.write_text(healthy.replace("codes.sign()", "-codes.sign()"))
    done = nbval(NOTEBOOKS / f"{FAULTY}.ipynb", tmp_path / "runs", package=tmp_path)
    assert done.returncode == 1
    assert "differs from the committed records" in done.stdout


def test_the_sanitiser_hides_no_number():
    """A table or an alternative text that differs in one digit differs after sanitising too."""
    import configparser
    import re

    rules = configparser.ConfigParser(interpolation=None)
    rules.read(ROOT / "tests" / "nbval_sanitize.cfg")
    for text in ("0.500", "held out 0.50", "<td>0.912</td>", "<b>runs</b> 40", "0.503 [0.495, 0.511] (50)"):
        for section in rules.sections():
            assert re.sub(rules[section]["regex"], rules[section]["replace"], text) == text
