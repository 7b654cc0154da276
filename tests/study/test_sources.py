"""The fingerprint of code changes with its meaning, wherever that is imported from, and only then."""

import ast
import textwrap

import pytest

from wsbook.catalogue import EXPERIMENTS
from wsbook.study import sources
from wsbook.study.sources import ROOT, closure, imported_modules, meaning

MODULE = '''
"""What it is about."""

from wsbook.lab.tools import scale

FACTOR = 2.5


class Meter:
    """Measures."""

    def read(self, x, offset=1):
        """Return the reading."""
        # why
        return FACTOR * scale(x) + offset
'''


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

    write(lab__meter=MODULE, lab__tools="def scale(x):\n    return 2 * x\n")
    return write


def fingerprint(module="wsbook.lab.meter"):
    return sources.fingerprint.__wrapped__(module)  # not what was cached


# Meaning


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# why", "# because, at length"),
        ('"""Return the reading."""\n', '"""Return\n\n        the `reading`."""\n'),
        ('"""Measures."""\n', ""),
        ('"""What it is about."""\n', ""),
        ("FACTOR = 2.5\n", "FACTOR = (2.50)  # units\n\n\n\n"),
        ("FACTOR * scale(x) + offset", "(FACTOR\n                * scale(x)) + offset"),
        ("def read(self, x, offset=1):", "def read(\n        self,\n        x, offset=1,\n    ):"),
    ],
)
def test_words_and_layout_do_not_change_it(package, old, new):
    before = fingerprint()
    assert MODULE.count(old) == 1
    package(lab__meter=MODULE.replace(old, new))
    assert fingerprint() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("* scale", "/ scale"),
        ("+ offset", "- offset"),
        ("2.5", "2.5000001"),
        ("offset=1", "offset=1.0"),
        ("offset=1", "offset=-1"),
        ("class Meter:", "class Metre:"),
        ("    def read", "    @staticmethod\n    def read"),
        ("return FACTOR * scale(x) + offset", "FACTOR * scale(x) + offset"),
        ("x, offset=1", "x, *, offset=1"),
        ("tools import scale", "tools import scale as rescale"),
    ],
)
def test_any_change_of_meaning_changes_it(package, old, new):
    before = fingerprint()
    assert MODULE.count(old) == 1
    package(lab__meter=MODULE.replace(old, new))
    assert fingerprint() != before


def test_a_string_that_is_used_is_no_docstring(package):
    package(lab__meter="def f():\n    return 'a'\n")
    before = fingerprint()
    package(lab__meter="def f():\n    return 'b'\n")
    assert fingerprint() != before


def test_every_python_writes_the_tree_alike():
    # As Python 3.11 dumps it: 3.12 knows type parameters, 3.13 leaves out empty lists.
    assert meaning('def f():\n    """Words."""\n    return g()\n\n\nclass C:\n    x = None') == (
        "Module(body=[FunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[], "
        "kw_defaults=[], defaults=[]), body=[Return(value=Call(func=Name(id='g', ctx=Load()), "
        "args=[], keywords=[]))], decorator_list=[]), ClassDef(name='C', bases=[], keywords=[], "
        "body=[Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value=None))], "
        "decorator_list=[])], type_ignores=[])"
    )


# Closure


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
    before = fingerprint()
    package(deep__constant="import wsbook.deeper\nX = 1\n")
    changed = fingerprint()
    assert changed != before
    package(unrelated="X = 2\n", lab__other="Y = 1\n")
    assert fingerprint() == changed


def test_a_package_init_counts_only_where_it_is_imported_itself(package):
    package(lab__init="from wsbook.lab import unrelated\n", lab__unrelated="X = 1\n")
    assert list(closure("wsbook.lab.meter")) == ["wsbook.lab.meter", "wsbook.lab.tools"]
    package(lab__meter="from wsbook.lab import tools\n")
    assert set(closure("wsbook.lab.meter")) >= {"wsbook.lab", "wsbook.lab.unrelated"}


def test_planning_storing_and_judging_do_not_count(package):
    package(lab__meter="from wsbook.study.record import Record\nimport wsbook.errors\n")
    package(study__record="class Record: pass\n", errors="X = 1\n")
    before = fingerprint()
    package(study__record="class Record: x = 1\n", errors="X = 2\n")
    assert fingerprint() == before


def test_a_module_whose_name_begins_like_one_of_those_counts(package):
    package(lab__meter="from wsbook import errors_of_fit\n", errors_of_fit="X = 1\n")
    before = fingerprint()
    package(errors_of_fit="X = 2\n")
    assert fingerprint() != before


def test_only_modules_of_this_package_are_imported_modules(package):
    text = "import os.path\nimport wsbook.lab.tools, json\nfrom wsbook.lab import meter, nothing\n"
    assert imported_modules(text) == {"wsbook.lab.tools", "wsbook.lab.meter"}


# The package itself


def test_the_package_has_no_relative_imports_which_would_not_be_followed():
    for path in (ROOT / "wsbook").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


def test_no_experiment_depends_on_grids_claims_or_other_experiments():
    for experiment in EXPERIMENTS.values():
        found = set(closure(experiment.measure.__module__))
        assert experiment.measure.__module__ in found
        assert not found & {"wsbook.catalogue", "wsbook.cli", "wsbook.study.run", "wsbook.study.claim"}
        assert not {name for name in found if "experiments" in name.split(".")}
