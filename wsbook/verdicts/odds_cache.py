"""Odds that were simulated before, by what they follow from: samples, rule, effect, and the code that simulates.

The committed ones, `results/odds.json`, spare a fresh clone the simulation; what else is needed is simulated once and
kept among this machine's runs.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from wsbook.errors import StudyError
from wsbook.study.definitions import Code
from wsbook.study.fingerprint import digest_of, place_of
from wsbook.study.places import RESULTS, ROOT, RUNS
from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.odds import Odds, effect_of, simulated
from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.statistics import Array

COMMITTED, LOCAL = RESULTS / "odds.json", RUNS / "odds.json"
CODE = Code(ROOT)  # in which verdicts are not apart, as they are for the numbers of records


def odds_of(evidence: Evidence) -> Odds | None:
    """The odds of a part; None for a control, and where it was not run or has too few samples to be decided.

    Raises
        StudyError: for a file of odds that cannot be read.
    """
    if evidence.part.control or evidence.samples is None:
        return None
    key = digest(evidence)
    for path in (COMMITTED, LOCAL):
        known = read(path)
        if key in known:
            return restored(known[key])
    found = simulated(evidence)
    write(LOCAL, {**read(LOCAL), key: kept(found)})
    return found


def commit_odds(decisions: Iterable[Decision]) -> int:
    """Write the odds of all parts to the committed file, and nothing else; returns how many there are."""
    found = {digest(item): kept(odds_of(item)) for item in with_odds(decisions)}
    write(COMMITTED, found)
    return len(found)


def missing_odds(decisions: Iterable[Decision]) -> list[Evidence]:
    """The parts whose odds the committed file lacks."""
    known = read(COMMITTED)
    return [item for item in with_odds(decisions) if digest(item) not in known]


def with_odds(decisions: Iterable[Decision]) -> list[Evidence]:
    """The parts that count and were run."""
    return [item for decision in decisions for item in decision.counted if item.samples is not None]


def digest(evidence: Evidence) -> str:
    """Sixteen hexadecimal digits that change with whatever the odds of a part follow from.

    Samples count to nine digits: the last ones depend on the processor.
    """
    arrays = [_text(evidence.samples), "" if evidence.placebo is None else _text(evidence.placebo)]
    parts = [
        *arrays,
        repr(evidence.part.rule),
        repr(effect_of(evidence.part)),
        code(type(evidence.part.rule)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _text(array: Array) -> str:
    return f"{array.shape} " + " ".join(f"{x:.9g}" for x in np.ravel(array))


@cache
def code(rule: type[Rule]) -> str:
    """Fingerprint of the code that simulates: of a rule, of odds, and of all statistics that they use."""
    return digest_of(CODE, place_of(rule), place_of(simulated))


def kept(found: Odds | None) -> list[float | None] | None:
    """Odds as the file has them."""
    return None if found is None else [found.false_confirmation, found.power]


def restored(numbers: list[float | None] | None) -> Odds | None:
    """Odds from what the file has."""
    return None if numbers is None else Odds(*numbers)


def read(path: Path) -> dict[str, list[float | None] | None]:
    """The odds in a file, by digest; none if there is no file."""
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {}


@cache  # asked of every part
def _read(path: Path, changed: int) -> dict[str, list[float | None] | None]:
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise StudyError(f"{path} is damaged ({error}); delete it, and it is computed again.") from error


def write(path: Path, content: dict[str, list[float | None] | None]) -> None:
    """Replace a file of odds, sorted, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(content[key])}" for key in sorted(content))
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(f"{{\n{lines}\n}}\n")
    part.replace(path)
