"""Parameters that papermill injects."""

import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from wsbook.book.dependencies import NOTEBOOKS
from wsbook.book.execute import local_sockets
from wsbook.errors import StudyError
from wsbook.study.injected import check_injected

OWN = 'profile = "quick"  # or cpu\nseeds = None\n'


def test_a_name_that_the_notebook_lacks_is_refused():
    with pytest.raises(StudyError, match="there is no parameter 'sedes'; this notebook has profile, seeds"):
        check_injected(["", OWN, "# Parameters\nseeds = 3\nsedes = 5\n", "import torch"])


@pytest.mark.parametrize(
    "cells", [[], ["", OWN], ["", OWN, "# Parameters\nseeds = 3\n"], ["", "%matplotlib inline"]]
)
def test_all_else_passes(cells):
    check_injected(cells)


def test_a_notebook_stops_before_it_computes(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(PapermillExecutionError, match="there is no parameter 'profle'"):
        papermill.execute_notebook(
            str(NOTEBOOKS / "A2_momentum.ipynb"),
            str(tmp_path / "out.ipynb"),
            {"profle": "cpu"},
            progress_bar=False,
            config=local_sockets(str(tmp_path)),
        )
