"""Builds of a toy book: what they leave, what ends them, and what they leave in the way of the next."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from wsbook.book.build import LOG, build, reason, snakemake
from wsbook.book.dependencies import (
    book_sources,
    notebook_names,
    notebook_sources,
    page_names,
    page_sources,
)
from wsbook.errors import StudyError
from wsbook.study.places import ROOT

RULES = """
rule all:
    input: "_build/html/index.html"

rule notebook:
    output: "notebook"
    shell: "echo half > notebook; test -e quickly || sleep 60; echo whole > notebook"

rule book:
    input: "notebook"
    output: "_build/html/index.html"
    shell: "cat notebook > _build/html/index.html"
"""
BUILD = "import sys, pathlib; from wsbook.book.build import build; build('quick', [], 'cpu', 1, pathlib.Path(sys.argv[1]))"


@pytest.fixture
def root(tmp_path):
    """A folder with a book that is built at once."""
    (tmp_path / "Snakefile").write_text(RULES)
    (tmp_path / "quickly").touch()
    return tmp_path


def page(root) -> str:
    return (root / "_build/html/index.html").read_text()


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_free(lock) -> bool:
    """Whether all processes that had the lock have ended."""
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_a_build_makes_the_book_and_keeps_what_snakemake_said(root):
    build("quick", [], "cpu", 2, root)
    assert page(root) == "whole\n"
    assert "3 of 3 steps (100%) done" in (root / LOG).read_text()


def test_a_build_takes_its_profile_notebooks_device_and_processes_to_the_rules(root):
    told = root / "told"
    rules = f"open({str(told)!r}, 'w').write(f\"{{config}} {{workflow.cores}}\")\n" + RULES
    (root / "Snakefile").write_text(rules)
    build("cpu", ["A1_dictionary", "C7_networks"], "cpu", 3, root)
    assert (
        told.read_text() == "{'profile': 'cpu', 'notebook': 'A1_dictionary,C7_networks', 'device': 'cpu'} 3"
    )


def test_a_build_that_was_killed_is_begun_again_with_what_it_left_half_done(root):
    (root / "quickly").unlink()
    command = [sys.executable, "-c", BUILD, str(root)]
    with subprocess.Popen(command, start_new_session=True, env={**os.environ, "CI": "true"}) as process:
        wait_until((root / "notebook").exists)
        os.killpg(process.pid, signal.SIGKILL)
    wait_until(lambda: is_free(root / "_build/lock"))
    assert (root / "notebook").read_text() == "half\n"
    (root / "quickly").touch()
    build("quick", [], "cpu", 1, root)
    assert page(root) == "whole\n"


def test_two_builds_at_once_are_refused(root):
    (root / "_build").mkdir()
    with (root / "_build/lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StudyError, match="another build of the book is at work in .*; wait for it"):
            build("quick", [], "cpu", 1, root)
    build("quick", [], "cpu", 1, root)
    assert page(root) == "whole\n"


def test_a_job_that_fails_ends_the_build_with_what_it_printed(root, capfd):
    (root / "Snakefile").write_text(RULES.replace("cat notebook", "echo the sixth cell; false"))
    with pytest.raises(
        StudyError, match="not built: .*one job did not complete .* in _build/logs/build.log"
    ):
        build("quick", [], "cpu", 1, root)
    assert "the sixth cell" in capfd.readouterr().out
    assert not (root / "_build/html/index.html").exists()


def test_a_mistake_in_the_rules_is_told_in_one_line(root):
    (root / "Snakefile").write_text(RULES.replace('"notebook"', '"notebok"', 1))
    with pytest.raises(StudyError, match=r"not built: MissingInputException .*notebook") as caught:
        build("quick", [], "cpu", 1, root)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"profile": "big"}, "there is no profile 'big'"),
        ({"notebooks": ["A1_dictionary", "A99"]}, "there is no notebook 'A99'; there are A1_dictionary"),
        ({"device": "tpu"}, "there is no device 'tpu'"),
        ({"jobs": 0}, "--jobs must be positive, not 0."),
    ],
)
def test_bad_input_is_refused_before_anything_is_begun(root, change, sentence):
    given = {"profile": "quick", "notebooks": [], "device": "cpu", "jobs": 1} | change
    with pytest.raises(StudyError, match=sentence):
        build(**given, root=root)
    assert not (root / "_build").exists()


def test_of_a_finished_book_only_what_was_deleted_is_made_again(tmp_path):
    executed = [f"book/executed/{name}.ipynb" for name in notebook_names()]
    pages = [f"book/generated/{page}.md" for page in page_names(notebook_names())]
    sources = {
        *book_sources(),
        *page_sources(),
        *(s for n in notebook_names() for s in notebook_sources(n)),
    }
    made = [executed, pages, ["_build/html/index.html"]]
    for age, paths in enumerate([sources.difference(executed, pages), *made]):
        for path in (tmp_path / path for path in paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.utime(path, (1e9 + age, 1e9 + age))

    def planned() -> str:
        command = [*snakemake(1), "--dry-run", "--directory", str(tmp_path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "Nothing to be done" in planned()
    (tmp_path / executed[0]).unlink()
    assert re.search(r"^notebook +1$", planned(), flags=re.MULTILINE)


def test_the_reason_is_the_last_exception_without_its_traceback():
    log = (
        "ValueError in an earlier job\nBuilding DAG of jobs...\n"
        'StudyError in file "Snakefile", line 8:\nno such page.\n  File "Snakefile", line 8, in <module>\n'
    )
    assert reason(log) == 'StudyError in file "Snakefile", line 8: no such page.'
    assert reason("Building DAG of jobs...\nKilled") == "Killed"
    assert reason("") == ""
