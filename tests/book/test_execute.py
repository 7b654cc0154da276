"""Notebooks run with papermill over local sockets, with the parameters they are given."""

import json
import subprocess
import sys

import nbformat
import pytest

from wsbook.book import dependencies, execute
from wsbook.errors import StudyError

CELL = """import json, ipykernel
connection = json.load(open(ipykernel.get_connection_file()))
print(connection["transport"], connection["ip"], profile)"""


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    cells = [nbformat.v4.new_code_cell("profile = ''"), nbformat.v4.new_code_cell(CELL)]
    cells[0].metadata["tags"] = ["parameters"]
    document = nbformat.v4.new_notebook(cells=cells)
    document.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(document, tmp_path / "T1.ipynb")
    monkeypatch.setattr(execute, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(dependencies, "NOTEBOOKS", tmp_path)
    return tmp_path


def printed(path) -> list[str]:
    cell = json.loads(path.read_text())["cells"][-1]
    return "".join(cell["outputs"][0]["text"]).split()


def test_kernels_listen_on_sockets_of_their_own(notebook, tmp_path):
    outputs = [tmp_path / f"out{i}.ipynb" for i in range(2)]
    for output in outputs:
        execute.execute("T1", output, "quick", "cpu")
    (first, second) = map(printed, outputs)
    assert first[0] == second[0] == "ipc" and first[2] == "quick"
    assert first[1].startswith("/") and first[1] != second[1]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("T2", "quick", "cpu"), "no notebook 'T2'"),
        (("T1", "fast", "cpu"), "no profile"),
        (("T1", "quick", "abacus"), "no device"),
    ],
)
def test_bad_arguments_are_refused_before_a_kernel_starts(notebook, tmp_path, arguments, words):
    name, profile, device = arguments
    with pytest.raises(StudyError, match=words):
        execute.execute(name, tmp_path / "out.ipynb", profile, device)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_copy_needs_a_place(notebook, tmp_path):
    for output in (tmp_path, tmp_path / "nowhere" / "out.ipynb"):
        with pytest.raises(StudyError, match="no file in a folder"):
            execute.execute("T1", output, "quick", "cpu")


def test_a_mistake_in_a_cell_is_one_sentence(notebook, tmp_path, one_sentence):
    document = nbformat.read(tmp_path / "T1.ipynb", 4)
    mistake = "from wsbook.errors import StudyError\nraise StudyError('k must be positive, not 0.')"
    document.cells[1].source = mistake
    nbformat.write(document, tmp_path / "T1.ipynb")
    with pytest.raises(StudyError) as error:
        execute.execute("T1", tmp_path / "out.ipynb", "quick", "cpu")
    assert str(error.value).startswith("T1, cell ")
    assert str(error.value).endswith("k must be positive, not 0.")
    cells = json.loads((tmp_path / "out.ipynb").read_text())["cells"]
    (shown,) = [o for c in cells for o in c.get("outputs", ()) if o["output_type"] == "error"]
    assert shown["traceback"] == ["StudyError: k must be positive, not 0."]


def test_a_kernel_that_the_system_ends_is_one_sentence(notebook, tmp_path, one_sentence):
    document = nbformat.read(notebook / "T1.ipynb", 4)
    document.cells[-1].source = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    nbformat.write(document, notebook / "T1.ipynb")
    with pytest.raises(StudyError, match="T1: the system ended the notebook's kernel") as error:
        execute.execute("T1", tmp_path / "out.ipynb", "quick", "cpu")
    one_sentence(error.value)


def test_executing_loads_no_library_that_only_the_kernel_needs():
    loaded = "import sys, wsbook.book.execute; print(*{'torch', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
