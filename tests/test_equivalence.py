"""Records outlive a change of code that changes no number, and no other change."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from wsbook import equivalence
from wsbook.equivalence import Found, compare, named_fingerprints
from wsbook.study import fingerprint
from wsbook.study.fingerprint import EQUIVALENT, first_like, notes
from wsbook.study.places import ROOT

GIT = shutil.which("git") and not subprocess.call(
    ["git", "-C", str(ROOT), "rev-parse", "-q", "--verify", "HEAD"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
in_git = pytest.mark.skipif(not GIT, reason="git knows no commit of this folder")


def noted(monkeypatch, tmp_path, *renamed):
    """Replace the notes of this repository."""
    monkeypatch.setattr(fingerprint, "EQUIVALENT", tmp_path / "equivalent.json")
    (tmp_path / "equivalent.json").write_text(json.dumps([{"fingerprints": each} for each in renamed]))


# Notes


def test_code_has_the_fingerprint_of_the_first_that_it_is_equivalent_to(monkeypatch, tmp_path):
    noted(monkeypatch, tmp_path, {"bbb": "aaa", "yyy": "xxx"}, {"ccc": "bbb"})
    assert [first_like(name) for name in ("ccc", "bbb", "aaa", "yyy", "zzz")] == [
        "aaa",
        "aaa",
        "aaa",
        "xxx",
        "zzz",
    ]


def test_a_record_that_was_measured_before_the_note_is_current_with_it(monkeypatch, tmp_path, toy):
    records = [toy.record(source=source) for source in ("aaa", "bbb", "ccc")]
    noted(monkeypatch, tmp_path, {"bbb": "aaa"})
    assert [record.source for record in records] == ["aaa", "aaa", "ccc"]
    assert [json.loads(record.line())["provenance"]["source"] for record in records] == [
        "aaa",
        "bbb",
        "ccc",
    ]


def test_without_notes_a_fingerprint_is_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(fingerprint, "EQUIVALENT", tmp_path / "none.json")
    assert first_like("bbb") == "bbb"


def test_damaged_notes_are_one_sentence(monkeypatch, tmp_path, one_sentence):
    noted(monkeypatch, tmp_path)
    (tmp_path / "equivalent.json").write_text("[{")
    with pytest.raises(fingerprint.StudyError, match="is damaged") as error:
        first_like("bbb")
    one_sentence(error.value)


def test_every_note_of_this_repository_says_why_and_how_much_was_compared():
    for note in notes():
        assert note["why"].endswith(".") and note["experiments"]
        assert (
            note["cells"] >= len(note["experiments"]) or not note["cells"]
        )  # the code itself was the same
        assert all(new != old and len(new) == len(old) == 12 for new, old in note["fingerprints"].items())


# Comparing


ONE, TWO, THREE = Found("1", {}), Found("2", {"images": "x"}), Found("3", {"images": "x"})


@pytest.mark.parametrize(
    "new",
    [
        {"a": ONE},
        {"a": ONE, "b": THREE},
        {"a": ONE, "b": TWO, "c": THREE},
        {"a": ONE, "b": Found("2", {"images": "y"})},
    ],
)
def test_a_cell_that_differs_or_is_missing_is_named(new, one_sentence):
    compare({"a": ONE, "b": TWO}, {"b": TWO, "a": ONE})
    with pytest.raises(equivalence.StudyError, match="^[bc]: the numbers are not those of before") as error:
        compare({"a": ONE, "b": TWO}, new)
    one_sentence(error.value)


def test_data_that_one_side_does_not_name_are_not_compared():
    compare({"a": Found("1", {})}, {"a": Found("1", {"images": "x"})})
    compare({"a": Found("1", {"images": "x", "networks": "y"})}, {"a": Found("1", {"images": "x"})})


def test_a_full_disk_leaves_the_notes_as_they_were(monkeypatch, tmp_path, one_sentence):
    path = tmp_path / "equivalent.json"
    path.write_text("[]")
    monkeypatch.setattr(equivalence, "EQUIVALENT", path)

    def full(self, text):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(equivalence.StudyError, match="No space left on device") as error:
        equivalence.write([{}])
    one_sentence(error.value)
    assert path.read_text() == "[]" and list(tmp_path.iterdir()) == [path]


@in_git
def test_a_commit_that_git_does_not_know_is_one_sentence(wsbook, one_sentence):
    status, out, err = wsbook("equate", "nonsense", "--why", "Nothing.")
    assert (status, out) == (2, "")
    assert "git knows no commit 'nonsense'" in one_sentence(err.strip())


def test_code_that_is_as_it_was_needs_no_comparison(one_sentence):
    with pytest.raises(equivalence.StudyError, match="no experiment .* has code that differs") as error:
        equivalence.affected(named_fingerprints(), named_fingerprints())
    one_sentence(error.value)


# A repository whose code changes


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Another checkout of this package, as it stands, committed."""
    folder = tmp_path_factory.mktemp("clone") / "wsbook"
    subprocess.run(["git", "clone", "-q", "--shared", str(ROOT), str(folder)], check=True)
    for part in ("wsbook", "claims"):
        shutil.rmtree(folder / part)
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    if EQUIVALENT.is_file():
        shutil.copy(EQUIVALENT, folder / "results")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "as it stands")
    return folder


def git(folder, *arguments):
    name = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


def python(folder, *arguments):
    environ = os.environ | {"PYTHONPATH": str(folder), "CI": "true"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environ, capture_output=True, text=True
    )


def sources_of(folder):
    return json.loads(python(folder, "-m", "wsbook", "fingerprints").stdout)


def move(folder, module, other):
    """Move a module of the package, and let all others import it from there."""
    old, new = (folder.joinpath(*name.split(".")).with_suffix(".py") for name in (module, other))
    new.parent.mkdir(exist_ok=True)
    old.rename(new)
    (package, stem), (home, name) = module.rsplit(".", 1), other.rsplit(".", 1)
    by_name = re.compile(
        rf"^(from {re.escape(package)} import (?:\w+, )*?)\b{stem}\b(?: as (\w+))?(?:, )?", re.MULTILINE
    )
    for path in (folder / "wsbook").rglob("*.py"):
        text = path.read_text().replace(f"from {module} import", f"from {other} import")
        text = by_name.sub(
            lambda found: f"from {home} import {name} as {found[2] or stem}\n{found[1]}", text
        )
        path.write_text(re.sub(r"^from \S+ import (?=\n)|, (?=\n)", "", text, flags=re.MULTILINE))


@in_git
def test_code_that_moves_is_as_it_was(repository):
    before = sources_of(repository)
    move(repository, "wsbook.papers.nern.measures.lines", "wsbook.elsewhere.path_between")
    move(repository, "wsbook.weights.flatten", "wsbook.weights.vectors")
    assert sources_of(repository) == before
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "moved")


@in_git
def test_a_change_that_changes_no_number_keeps_records_current_and_another_does_not(repository):
    """With the move that another module of the package makes at the same time."""
    file = repository / "wsbook" / "papers" / "nern" / "measures" / "sizes.py"
    raw, text = sources_of(repository), file.read_text()
    experiments = repository / "wsbook" / "papers" / "nern" / "experiments" / "storage.py"
    new = '\nfrom dataclasses import replace\nSIZES = (SIZES, replace(SIZES, name="c-new"))\n'
    listed = experiments.with_name("__init__.py")

    file.write_text(text.replace("extra", "besides"))
    move(repository, "wsbook.papers.nern.measures.sizes", "wsbook.papers.nern.measures.bytes")
    file = file.with_name("bytes.py")
    experiments.write_text(experiments.read_text() + new)  # an experiment that was not there before
    listed.write_text(listed.read_text().replace("    SIZES,", "    *SIZES,"))
    changed = sources_of(repository)
    assert [name for name in raw if changed[name] != raw[name]] == ["c-sizes"]
    done = python(repository, "-m", "wsbook", "equate", "HEAD", "--why", "A name.")
    assert done.returncode == 0, done.stderr
    assert "cells of 1 experiments are as before" in done.stdout
    (*_, note) = json.loads((repository / "results" / "equivalent.json").read_text())
    assert (note["why"], note["experiments"]) == ("A name.", ["c-sizes"]) and note["cells"] > 0
    assert note["fingerprints"] == {changed["c-sizes"]: raw["c-sizes"]}
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "a name")

    file.write_text(text.replace("extra = order +", "extra = 1 + order +"))
    done = python(repository, "-m", "wsbook", "equate", "HEAD", "--why", "A number.")
    assert done.returncode == 2 and "the numbers are not those of before" in done.stderr
    assert len(json.loads((repository / "results" / "equivalent.json").read_text())) == len(notes()) + 1


@in_git
def test_a_commit_whose_code_tells_no_fingerprints_is_one_sentence(repository, one_sentence):
    cli = repository / "wsbook" / "cli.py"
    text = cli.read_text()
    cli.write_text(text.replace("def fingerprints(", "def others("))
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "before fingerprints")
    cli.write_text(text)
    done = python(repository, "-m", "wsbook", "equate", "HEAD", "--why", "Nothing.")
    assert done.returncode == 2 and "name a later one" in one_sentence(done.stderr.strip())
