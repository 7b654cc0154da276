"""What Sphinx reads of an executed notebook: verdicts on top, methods shown, the rest of the code at the end."""

import json

import pytest

from wsbook.book.chapter import chapter, read_chapter


def cell(source: str, kind: str = "code", tags: tuple[str, ...] = ()) -> dict:
    made = {"cell_type": kind, "id": source[:8], "metadata": {"tags": list(tags)}, "source": source}
    return made | ({"outputs": ["an output"], "execution_count": 1} if kind == "code" else {})


@pytest.fixture
def notebook() -> dict:
    return {
        "metadata": {},
        "cells": [
            cell("# B9. A title\n\nA question.", "markdown"),
            cell("jobs = 1", tags=("parameters",)),
            cell("jobs = 2", tags=("injected-parameters",)),
            cell("# NBVAL_IGNORE_OUTPUT\n# Rounding differs.\ntable(x)"),
            cell("loss.backward()", tags=("method",)),
        ],
    }


def test_the_verdicts_stand_between_title_and_text(notebook):
    first, second, third, *_ = chapter(notebook, "B9_memory")["cells"]
    assert first["source"] == "# B9. A title"
    assert second["source"].splitlines()[0] == "```{include} ../generated/verdicts/B9_memory.md"
    assert third["source"] == "A question."


def test_only_a_method_shows_its_code_and_every_output_stays(notebook):
    code = [cell for cell in chapter(notebook, "B9_memory")["cells"] if cell["cell_type"] == "code"]
    assert [cell["metadata"]["tags"] for cell in code] == [["remove-input"], ["remove-input"], []]
    assert all(cell["outputs"] == ["an output"] for cell in code)


def test_all_code_stands_at_the_end_without_remarks_for_the_tests(notebook):
    last = chapter(notebook, "B9_memory")["cells"][-1]["source"]
    assert "jobs = 1\n\n\ntable(x)\n\n\nloss.backward()" in last
    assert "NBVAL" not in last and "jobs = 2" not in last


def test_other_pages_and_the_notebook_itself_stay_as_they_are(notebook):
    source, whole = [json.dumps(notebook)], json.dumps(notebook)
    read_chapter(None, "book/index", source)
    assert source == [whole]
    chapter(notebook, "B9_memory")
    assert json.dumps(notebook) == whole
