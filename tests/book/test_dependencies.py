"""What a notebook depends on: enough to be right, little enough to be quick."""

import json

import pytest

from wsbook.book.dependencies import (
    book_sources,
    executed_as,
    measuring_modules,
    notebook_names,
    notebook_sources,
    page_sources,
    read_notebook,
)
from wsbook.errors import StudyError


def test_a_notebook_depends_on_itself_its_measurements_its_claims_and_its_records():
    found = notebook_sources("A2_momentum")
    for path in (
        "notebooks/A2_momentum.ipynb",
        "wsbook/papers/primitives/measures/bands.py",
        "wsbook/papers/primitives/method/training.py",
        "wsbook/papers/primitives/figures/synthetic.py",
        "wsbook/study/record.py",
        "wsbook/verdicts/rules/paired.py",
        "claims/A.yaml",
        "results/cpu/a-momentum.jsonl",
    ):
        assert path in found


def test_and_not_on_measurements_of_other_notebooks():
    assert not [
        p
        for p in notebook_sources("A2_momentum")
        if p.startswith(("wsbook/zoo", "wsbook/data", "wsbook/nets"))
    ]
    assert "wsbook/papers/primitives/method/ksvd.py" not in notebook_sources("A3_optimisers")
    assert "wsbook/zoo/small.py" in notebook_sources("A7_real_weights")


def test_measurements_are_found_by_the_experiments_that_code_names():
    code = "from wsbook.papers.primitives import experiments as a\nx = collect(a.SPECTRA)\n"
    assert measuring_modules(code) == {"wsbook.papers.primitives.measures.spectra"}
    assert measuring_modules("import wsbook\nprint(a.SPECTRA)") == set()


def test_pages_depend_on_every_experiment_and_the_book_on_its_hand_written_part():
    assert "wsbook/zoo/small.py" in page_sources() and "claims/A.yaml" in page_sources()
    assert {"_toc.yml", "_config.yml", "book/index.md", "book/_static/custom.css"} <= set(book_sources())


def test_an_unknown_notebook_is_refused_in_one_sentence():
    with pytest.raises(StudyError, match="there is no notebook 'A9'; there are A1_dictionary"):
        notebook_names(["A9"])


@pytest.mark.parametrize("text", ['{"cells": [', "{}", "[]", '{"cells": 1, "metadata": {}}'])
def test_a_damaged_notebook_is_named(tmp_path, text, one_sentence):
    path = tmp_path / "A1.ipynb"
    path.write_text(text)
    with pytest.raises(StudyError, match="A1.ipynb is no whole notebook") as error:
        read_notebook(path)
    one_sentence(error.value)


def test_a_notebook_that_was_executed_otherwise_is_named(tmp_path, one_sentence):
    path = tmp_path / "A1.ipynb"
    path.write_text('{"cells": [], "metadata": {}}')
    assert read_notebook(path)["cells"] == []
    with pytest.raises(StudyError, match="A1.ipynb was not executed by wsbook") as error:
        executed_as(path)
    one_sentence(error.value)
    noted = {"parameters": {"profile": "quick"}, "duration": 1.0}
    path.write_text(json.dumps({"cells": [], "metadata": {"papermill": noted}}))
    assert executed_as(path)[1] == noted
