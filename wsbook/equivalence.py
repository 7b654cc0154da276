"""Show that code measures the same numbers as it did at an earlier commit, so that its records stay current.

Any change of meaning makes records stale, also one that is not meant to change a number: a faster loop, a name, a
mistake on GPUs alone. Where all settings of the quick profile, with one seed, still come out bitwise as before on
one machine, the new code takes the fingerprints of the old, and the change is noted in `results/equivalent.json`.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from wsbook.catalogue import EXPERIMENTS
from wsbook.errors import StudyError
from wsbook.study.collect import completed
from wsbook.study.fingerprint import EQUIVALENT, TODAY, first_like, notes, place_of, raw_fingerprint
from wsbook.study.places import ROOT
from wsbook.study.provenance import environment
from wsbook.study.record import RecordFile
from wsbook.study.shelf import MAKERS

PROFILE = "quick"


def equate(commit: str, why: str) -> dict[str, Any]:
    """Compare what today's code measures with what that of `commit` did, and note that they agree.

    Returns the note.

    Raises
        StudyError: if there is no such commit, no experiment with quick settings is affected, a number differs, or
            the disk is full.
    """
    with tempfile.TemporaryDirectory() as folder:
        before = unpack(commit := resolved(commit), Path(folder, "before"))
        then, now = fingerprints_in(before), named_fingerprints()
        names = affected(then, now)
        old, new = (
            measured(names, tree, Path(folder, side)) for tree, side in ((before, "old"), (ROOT, "new"))
        )
        compare(old, new)
        note = {
            "commit": commit,
            "why": why,
            "utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "device": environment("cpu")["device"],
            "experiments": names,
            "cells": len(new),
            "fingerprints": renamed(then, now, [*names, *shelved(names)]),
        }
    write([*notes(), note])
    return note


def write(document: Sequence[dict[str, Any]]) -> None:
    """Replace the notes, whole or not at all.

    Raises
        StudyError: if the disk refuses.
    """
    part = EQUIVALENT.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_text(json.dumps(document, indent=1) + "\n")
        part.replace(EQUIVALENT)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StudyError(
            f"could not write {EQUIVALENT} ({error.strerror}); free some space, then run again."
        ) from error


def resolved(commit: str) -> str:
    """Twelve digits of a commit that is named in any way git knows.

    Raises
        StudyError: if it knows none, or there is no git.
    """
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "--verify", f"{commit}^{{commit}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise StudyError(
            f"git is needed for the code of {commit!r}, and cannot be run ({error})."
        ) from error
    if done.returncode:
        raise StudyError(f"git knows no commit {commit!r} here; name one that `git log` lists.")
    return done.stdout.strip()


def unpack(commit: str, folder: Path) -> Path:
    """The tree of a commit, in a new folder."""
    done = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def run(tree: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess:
    """Run Python on the package of a tree."""
    paths = {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    environ = os.environ | paths | options.pop("env", {})
    return subprocess.run([sys.executable, *arguments], cwd=tree, env=environ, text=True, **options)


def named_fingerprints() -> dict[str, str]:
    """Fingerprints, as today's code stands, of experiments by name, and of what lies on the shelf by its word."""
    experiments = {name: raw_fingerprint(e.measure, e.kind) for name, e in EXPERIMENTS.items()}
    return experiments | {f"shelf/{word}": raw_fingerprint(maker) for word, maker in MAKERS.items()}


def fingerprints_in(tree: Path) -> dict[str, str]:
    """The same of the code in another tree.

    Raises
        StudyError: if it cannot tell them.
    """
    done = run(tree, "-m", "wsbook", "fingerprints", capture_output=True)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1].rstrip(".")
        raise StudyError(
            f"the code of that commit does not tell its fingerprints ({why}); name a later one."
        )
    return json.loads(done.stdout)


def affected(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The experiments with quick settings whose code was another, but there, in an earlier tree.

    Raises
        StudyError: if there are none.
    """
    measurable = [name for name, e in EXPERIMENTS.items() if e.grid.get(PROFILE) and name in then]
    found = [name for name in measurable if renamed(then, now, [name])]
    if not found:
        raise StudyError(
            f"no experiment with settings for profile {PROFILE} has code that differs from that commit's."
        )
    return found


class Found(NamedTuple):
    """What a cell's record holds."""

    numbers: str  # metrics and curves as JSON, in which what is no number equals itself
    data: Mapping[str, str]  # what it was measured on -> fingerprints, as far as that is noted


def measured(names: Sequence[str], tree: Path, folder: Path) -> dict[str, Found]:
    """What each cell holds by experiment, setting and seed, as a tree measures it from nothing.

    Raises
        StudyError: if it cannot.
    """
    command = ["run", *names, "--profile", PROFILE, "--seeds", "1", "--results", str(folder / "records")]
    if run(tree, "-m", "wsbook", *command, env={"WSBOOK_RUNS": str(folder / "runs")}).returncode:
        raise StudyError(f"the code in {tree} cannot measure {', '.join(names)}; see above.")
    found = {}
    for name in names:
        for record in RecordFile(folder / "records", PROFILE, name).read():
            cell = f"{name}, {completed(record, EXPERIMENTS[name]).cell}"
            numbers = json.dumps([record.metrics, record.curves])
            found[cell] = Found(numbers, record.provenance.get("data", {}))
    return found


def compare(old: Mapping[str, Found], new: Mapping[str, Found]) -> None:
    """Raise a StudyError for a cell that only one side has, with another number in any digit, or measured on
    other data, as far as both say on which."""
    for cell in {**old, **new}:
        if not (cell in old and cell in new and alike(old[cell], new[cell])):
            raise StudyError(f"{cell}: the numbers are not those of before; measure its records anew.")


def alike(one: Found, other: Found) -> bool:
    """Whether two cells hold the same."""
    both = one.data.keys() & other.data.keys()
    return one.numbers == other.numbers and all(one.data[name] == other.data[name] for name in both)


def shelved(names: Sequence[str]) -> list[str]:
    """What lies on the shelf that the code behind some experiments makes, as `named_fingerprints` calls it."""
    roots = [
        place_of(maker) for name in names for maker in (EXPERIMENTS[name].measure, EXPERIMENTS[name].kind)
    ]
    reached = TODAY.reached(roots)
    return [f"shelf/{word}" for word, maker in MAKERS.items() if place_of(maker) in reached]


def renamed(then: Mapping[str, str], now: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Fingerprints of today's code -> those of the code that went by the same name before, where they differ."""
    both = [(now[name], then[name]) for name in names if name in then]
    return {new: old for new, old in both if first_like(new) != first_like(old)}
