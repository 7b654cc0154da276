"""Imports are followed however far, and nothing else is."""

import textwrap

import pytest

from wsbook.book import sources
from wsbook.book.sources import closure, imported_modules


@pytest.fixture
def package(monkeypatch, tmp_path):
    """A function that writes modules of another wsbook: lab__meter="..." is wsbook/lab/meter.py."""
    monkeypatch.setattr(sources, "ROOT", tmp_path)

    def write(**modules):
        for name, text in modules.items():
            parts = [part.replace("init", "__init__") for part in name.split("__")]
            path = tmp_path.joinpath("wsbook", *parts).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    write(lab__meter="from wsbook.lab.tools import scale\n", lab__tools="def scale(x):\n    return 2 * x\n")
    return write


def test_it_follows_imports_however_far_and_wherever_they_stand(package):
    package(
        lab__meter="import numpy\nfrom wsbook.lab.tools import scale\n",
        lab__tools="def scale(x):\n    from wsbook.deep import constant\n    return constant\n",
        deep__constant="import wsbook.deeper\n",
        deeper="from wsbook.lab import meter  # in a circle\n",
        unrelated="X = 1\n",
    )
    assert list(closure("wsbook.lab.meter")) == [
        "wsbook.deep.constant", "wsbook.deeper", "wsbook.lab.meter", "wsbook.lab.tools",
    ]  # fmt: skip


def test_a_package_init_counts_only_where_it_is_imported_itself(package):
    package(lab__init="from wsbook.lab import unrelated\n", lab__unrelated="X = 1\n")
    assert list(closure("wsbook.lab.meter")) == ["wsbook.lab.meter", "wsbook.lab.tools"]
    package(lab__meter="from wsbook.lab import tools\n")
    assert set(closure("wsbook.lab.meter")) >= {"wsbook.lab", "wsbook.lab.unrelated"}


def test_only_modules_of_this_package_are_imported_modules(package):
    text = "import os.path\nimport wsbook.lab.tools, json\nfrom wsbook.lab import meter, nothing\n"
    assert imported_modules(text) == {"wsbook.lab.tools", "wsbook.lab.meter"}
