"""The fingerprint of the code that makes a number: of what it means, wherever it stands and whatever it is called.

It covers the definitions that a function refers to, however far, but for two kinds, which stand for
themselves by name. Bookkeeping plans, stores and judges numbers but does not compute them. Inputs are found
(image sets and trained networks), and records carry fingerprints of what was found.

Code that was shown to make the numbers of earlier code, see `wsbook.equivalence`, has its fingerprint.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from wsbook.errors import StudyError
from wsbook.study.definitions import Code, Place
from wsbook.study.places import ROOT

EQUIVALENT = ROOT / "results" / "equivalent.json"  # notes of changes that were shown to change no number
INPUTS = ("wsbook.data.registry.", "wsbook.nets.originals.ORIGINALS.")
BOOKKEEPING = tuple(
    f"wsbook.{part}." for part in ("study", "verdicts", "book", "errors", "catalogue", "cli", "equivalence")
)


def is_apart(place: Place) -> bool:
    """Whether a definition computes no number: bookkeeping, or finding inputs."""
    return f"{place.module}.{place.name}.".startswith((*INPUTS, *BOOKKEEPING))


TODAY = Code(ROOT, is_apart)


@cache
def fingerprint(*makers: Callable) -> str:
    """Twelve hexadecimal digits that change when functions or classes change their meaning, unless that was shown to
    change no number.

    Raises
        StudyError: if they refer to what cannot be found by reading.
    """
    return first_like(raw_fingerprint(*makers))


def raw_fingerprint(*makers: Callable) -> str:
    """The fingerprint of functions and classes as they stand.

    Raises
        StudyError: as `fingerprint`.
    """
    return digest_of(TODAY, *map(place_of, makers))


def place_of(maker: Callable) -> Place:
    """Where a function or class stands."""
    return Place(maker.__module__, maker.__qualname__)


def digest_of(code: Code, *roots: Place) -> str:
    """Twelve hexadecimal digits for the meaning of some definitions.

    Definitions are told apart by their text, then by what they refer to, until that tells no more of them apart
    (colour refinement): circles of references need no case of their own.

    Raises
        StudyError: if they refer to what cannot be found by reading.
    """
    known = code.reached(roots)
    colours = dict.fromkeys(known, "")
    while True:
        finer = {
            place: _sha256(found.text, *(colours[other] for other in found.refers))
            for place, found in known.items()
        }
        if len(set(finer.values())) == len(set(colours.values())):
            return _sha256(*(finer[root] for root in roots), *sorted(set(finer.values())))[:12]
        colours = finer


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def first_like(found: str) -> str:
    """The fingerprint of the first code that this one is noted to be equivalent to; itself if there is none."""
    earlier = _earlier(EQUIVALENT, EQUIVALENT.stat().st_mtime_ns if EQUIVALENT.is_file() else 0)
    while found in earlier:
        found = earlier[found]
    return found


@cache  # asked of every record
def _earlier(path: Path, changed: int) -> dict[str, str]:
    """For each fingerprint in the notes, as they were when last changed, that of the code before."""
    return {new: old for note in notes() for new, old in note["fingerprints"].items()}


def notes() -> list[dict[str, Any]]:
    """What `EQUIVALENT` holds, oldest first.

    Raises
        StudyError: if it cannot be read.
    """
    try:
        return json.loads(EQUIVALENT.read_text(encoding="utf-8")) if EQUIVALENT.is_file() else []
    except ValueError as error:
        raise StudyError(f"{EQUIVALENT} is damaged ({error}); restore it from the repository.") from error
