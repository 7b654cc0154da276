"""The fingerprint of code changes with what it means, wherever that stands, and only then."""

import shutil
import subprocess
import sys
import textwrap

import pytest

from wsbook.book.check import code_problems
from wsbook.catalogue import EXPERIMENTS
from wsbook.errors import StudyError
from wsbook.study.definitions import Code, Place
from wsbook.study.fingerprint import TODAY, digest_of, is_apart, place_of, raw_fingerprint
from wsbook.study.places import ROOT
from wsbook.study.shelf import MAKERS

METER = '''
"""What it is about."""

from dataclasses import dataclass

import numpy as np

from wsbook.lab import tools
from wsbook.lab.tools import Reading, scale

FACTOR = 2.5
FIRST, SECOND = 1, 2


@dataclass(frozen=True)
class Meter(tools.Device):
    """Measures."""

    zero: float = 0.0  # where it stands

    def read(self, x: Reading, offset=1) -> "np.ndarray":
        """Return the reading."""
        # why
        far = [np.abs(x) for x in x if x > tools.LIMIT]
        return FACTOR * scale(sum(far)) + offset + even(SECOND)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def unused(x):
    return x
'''
TOOLS = """
LIMIT = 3
SPARE = 4


class Device:
    def warm_up(self):
        return LIMIT


class Reading(float):
    def rounded(self):
        return round(self)


def scale(x):
    return 2 * x
"""


@pytest.fixture
def package(tmp_path):
    """A function that writes modules of another wsbook, lab__meter="..." being wsbook/lab/meter.py, and gives the
    fingerprint of a definition in one of them."""

    def write(of=("wsbook.lab.meter", "Meter"), **modules):
        for name, text in modules.items():
            path = tmp_path.joinpath("wsbook", *name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return digest_of(Code(tmp_path, is_apart), Place(*of))

    write(lab__tools=TOOLS, lab__meter=METER)
    return write


def changed(text, old, new):
    assert text.count(old) == 1, old
    return text.replace(old, new)


# What changes nothing


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# why", "# because, at length"),
        ('"""Return the reading."""\n', '"""Return\n\n        the `reading`."""\n'),
        ('"""Measures."""\n', ""),
        ('"""What it is about."""\n', ""),
        ("FACTOR = 2.5\n", "FACTOR = (2.50)  # units\n\n\n\n"),
        (
            "def read(self, x: Reading, offset=1)",
            "def read(\n        self,\n        x: Reading, offset=1,\n    )",
        ),
        ("    return x\n", "    return 2 * x\n"),  # of what nothing uses
        ("\n\ndef unused(x):\n    return x\n", ""),
        ("\ndef unused", "\nMORE = even(7)\n\n\ndef unused"),
        (
            "import numpy as np\n\nfrom wsbook.lab import tools\n",
            "from wsbook.lab import tools\nimport numpy as np\n",
        ),
        ('-> "np.ndarray"', "-> np.ndarray"),
        ("x: Reading", 'x: "tools.Reading"'),
        ("(tools.Device)", "(Device)"),
    ],
)
def test_words_layout_order_and_what_is_not_used_do_not_change_it(package, old, new):
    before = package()
    text = changed(METER, old, new)
    if "(Device)" in new:
        text = changed(text, "import Reading, scale", "import Device, Reading, scale")
    assert package(lab__meter=text) == before


def test_moving_a_definition_and_renaming_its_module_do_not_change_it(package):
    before = package()
    limit, rest = TOOLS.split("SPARE = 4")
    meter = METER.replace("lab import tools", "deep import kit as tools").replace(
        "lab.tools import", "deep.shed import"
    )
    text = meter.replace("tools.LIMIT", "things.LIMIT").replace(
        "import numpy", "import wsbook.things as things\nimport numpy"
    )
    kit, shed = rest.split("class Reading")
    package(
        things=limit, deep__kit=f"from wsbook.things import LIMIT\n{kit}", deep__shed=f"class Reading{shed}"
    )
    assert package(of=("wsbook.other.gauge", "Meter"), other__gauge=text) == before


@pytest.mark.parametrize("name", ["Meter", "FACTOR", "scale", "even", "Reading", "LIMIT", "Device"])
def test_renaming_a_definition_does_not_change_it(package, name):
    before = package()
    texts = {"lab__meter": METER.replace(name, "Other"), "lab__tools": TOOLS.replace(name, "Other")}
    assert package(of=("wsbook.lab.meter", "Meter".replace(name, "Other")), **texts) == before


def test_importing_by_another_way_does_not_change_it(package):
    before = package()
    text = METER.replace("np.abs", "wide").replace(
        "import numpy as np", "import numpy as np\nfrom numpy import abs as wide"
    )
    assert package(lab__meter=text) == before
    text = METER.replace("np.", "numpy.").replace("import numpy as np", "import numpy")
    assert package(lab__meter=text) == before
    assert package(lab__meter=text.replace("numpy.abs", "numpy.exp")) != before


def test_going_through_a_module_that_only_imports_does_not_change_it(package):
    before = package()
    through = "from wsbook.lab.tools import *\n".replace("*", "Reading, scale, LIMIT, Device")
    assert package(lab__all=through, lab__meter=METER.replace("lab.tools", "lab.all")) == before


# What changes it


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("* scale", "/ scale"),
        ("+ offset", "- offset"),
        ("2.5", "2.5000001"),
        ("offset=1", "offset=1.0"),
        ("offset=1", "offset=-1"),
        ("zero: float = 0.0", "zero: float = 1.0"),
        ("zero: float = 0.0", "zero: int = 0.0"),
        ("(frozen=True)", ""),
        ("@dataclass(frozen=True)\n", ""),
        ("(tools.Device)", ""),
        ("(tools.Device)", "(tools.Reading)"),
        ("    def read", "    @staticmethod\n    def read"),
        ("        return FACTOR", "        FACTOR"),
        ("offset=1)", "*, offset=1)"),
        ("import Reading, scale", "import Reading, Device as scale"),
        ("np.abs", "np.exp"),
        ("import numpy as np", "import torch as np"),
        ("tools.LIMIT", "tools.SPARE"),
        ("even(SECOND)", "even(FIRST)"),
        ("FIRST, SECOND = 1, 2", "SECOND, FIRST = 1, 2"),
        ("even(SECOND)", "odd(SECOND)"),
        ("return n != 0", "return n != 1"),  # in a circle of definitions
        ("\ndef unused", "\nnp.seterr(all='raise')\n\n\ndef unused"),  # whatever a module does besides
        ("\ndef unused", "\nFACTOR += 1\n\n\ndef unused"),
        ("for x in x", "for y in x"),
    ],
)
def test_any_change_of_meaning_changes_it(package, old, new):
    before = package()
    assert package(lab__meter=changed(METER, old, new)) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("round(self)", "abs(self)"),
        ("2 * x", "2 + x"),
        ("return LIMIT", "return SPARE"),
    ],
)
def test_so_does_one_in_another_module_that_it_reaches(package, old, new):
    before = package()
    assert package(lab__tools=changed(TOOLS, old, new)) != before
    assert package(lab__tools=TOOLS.replace("SPARE = 4", "SPARE = 5")) == before


def test_a_local_name_is_not_what_the_module_calls_so(package):
    text = "from wsbook.lab.tools import scale\n\n\ndef f(scale):\n    return scale(1)\n"
    one = package(of=("wsbook.lab.f", "f"), lab__f=text)
    assert package(of=("wsbook.lab.f", "f"), lab__tools=TOOLS.replace("2 * x", "3 * x")) == one
    text = text.replace("f(scale)", "f()")
    one = package(of=("wsbook.lab.f", "f"), lab__f=text)
    assert package(of=("wsbook.lab.f", "f"), lab__tools=TOOLS) != one


@pytest.mark.parametrize(
    "body",
    [
        "return (lambda x: scale(x))(1)",
        "return {k: scale(k) for k in range(3)}",
        "return [scale for scale in [scale(1)]]",
        "def inner():\n        return scale(1)\n    return inner()",
        "from wsbook.lab.tools import scale as local\n    return local(1)",
        "import wsbook.lab.tools\n    return wsbook.lab.tools.scale(1)",
        "global CACHED\n    CACHED = scale(1)\n    return CACHED",
        "class Inner:\n        scale = 1\n        def f(self):\n            return scale(2)\n    return Inner().f()",
        "if (y := [z := scale(1)]):\n        return y, z",
        "match scale(1):\n        case [a, *b]:\n            return a, b\n        case {'c': c, **d}:\n            return c, d",
        "try:\n        return scale(1)\n    except ValueError as error:\n        return error",
        'return f"{scale(1):.2f}"',
    ],
)
def test_references_are_found_in_every_kind_of_scope(package, body):
    text = f"from wsbook.lab.tools import scale\n\nCACHED = 0\n\n\ndef f():\n    {body}\n"
    one = package(of=("wsbook.lab.f", "f"), lab__f=text)
    assert package(of=("wsbook.lab.f", "f"), lab__tools=TOOLS.replace("2 * x", "3 * x")) != one


def test_planning_storing_judging_and_finding_inputs_do_not_count_but_by_name(package):
    text = "from wsbook.study.record import Record\nfrom wsbook.data import registry\n\n\ndef f():\n    return Record, registry.load\n"
    apart = {
        "study__record": "class Record: pass\n",
        "data__registry": "def load(): pass\ndef other(): pass\n",
    }
    one = package(of=("wsbook.lab.f", "f"), lab__f=text, **apart)
    assert package(of=("wsbook.lab.f", "f"), study__record="class Record: x = 1\n") == one
    assert package(of=("wsbook.lab.f", "f"), lab__f=text.replace(".load", ".other")) != one


def test_a_module_whose_name_begins_like_one_of_those_counts(package):
    text = "from wsbook.errors_of_fit import X\n\n\ndef f():\n    return X\n"
    one = package(of=("wsbook.lab.f", "f"), lab__f=text, errors_of_fit="X = 1\n")
    assert package(of=("wsbook.lab.f", "f"), errors_of_fit="X = 2\n") != one


# What cannot be read


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("from wsbook.lab import tools\n\n\ndef f():\n    return getattr(tools, 'scale')\n", "hands the module wsbook.lab.tools"),
        ("from wsbook.lab.tools import *\n\n\ndef f():\n    return scale(1)\n", "imports without saying what"),
        ("from .tools import scale\n\n\ndef f():\n    return scale(1)\n", "imports without saying what"),
        ("def f():\n    return exec('1')\n", "uses exec"),
        ("def f():\n    return __name__\n", "uses __name__"),
        ("def f():\n    return globals()['x']\n", "uses globals"),
        ("def f():\n    return nowhere\n", "'nowhere', which is defined nowhere"),
        ("from wsbook.lab.tools import nothing\n\n\ndef f():\n    return nothing\n", "asks wsbook.lab.tools for 'nothing'"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_line(package, one_sentence, code, why):
    with pytest.raises(StudyError) as error:
        package(of=("wsbook.lab.f", "f"), lab__f=code)
    message = one_sentence(error.value)
    assert why in message and "f.py, line" in message


def test_check_finds_an_experiment_whose_code_cannot_be_read(monkeypatch):
    assert not list(code_problems(EXPERIMENTS))
    known = TODAY.definition

    def refuse(place):
        if place.name == "measure" and place.module == EXPERIMENTS["c-sizes"].measure.__module__:
            raise StudyError("sizes.py, line 1: it uses exec, whose meaning cannot be read.")
        return known(place)

    monkeypatch.setattr(TODAY, "definition", refuse)
    (problem,) = code_problems({name: EXPERIMENTS[name] for name in ("c-sizes", "a-momentum")})
    assert problem.startswith("c-sizes: sizes.py, line 1")


# The package itself


def test_no_experiment_depends_on_its_grid_or_on_claims():
    for experiment in EXPERIMENTS.values():
        reached = TODAY.reached([place_of(experiment.measure), place_of(experiment.kind)])
        assert not [
            place for place in reached if "experiments" in place.module.split(".") or is_apart(place)
        ]


SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from wsbook.study.definitions import Place
from wsbook.study.fingerprint import TODAY, digest_of
print(digest_of(TODAY, *(Place(*place.split(":")) for place in sys.argv[1:])))
"""


@pytest.mark.parametrize("python", ["python3.11", "python3.12", "python3.13"])
def test_every_python_and_every_locale_find_the_same(python):
    if not (found := shutil.which(python)) or subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL):
        pytest.skip(f"there is no {python} here")
    for maker in (EXPERIMENTS["b-memory"].measure, EXPERIMENTS["c-decoupled"].measure, MAKERS["long"]):
        arguments = ["-c", SCRIPT.format(root=str(ROOT)), ":".join(place_of(maker))]
        environ = {"LC_ALL": "C", "PYTHONUTF8": "0", "PATH": "/usr/bin:/bin"}
        done = subprocess.run([found, *arguments], env=environ, capture_output=True, text=True)
        assert done.stdout.strip() == raw_fingerprint(maker), done.stderr


def test_all_fingerprints_take_seconds():
    script = "import time; from wsbook.equivalence import named_fingerprints as f; a = time.process_time(); f(); print(time.process_time() - a)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert float(done.stdout) < 4
