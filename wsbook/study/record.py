"""Records: one JSON line a cell, appended under a lock and read with validation.

A line carries a digest of its own content. A line that is cut short, edited or otherwise damaged
is named and skipped; the others are used. Nothing that was once written is rewritten.
"""

import fcntl
import hashlib
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from wsbook.errors import StudyError
from wsbook.study.fingerprint import first_like

SCHEMA = 1


class DamagedRecord(UserWarning):
    """A line of a record file that cannot be trusted, with its place and what is wrong with it."""


@dataclass(frozen=True)
class Record:
    """What one cell left behind."""

    experiment: str
    profile: str
    parameters: Mapping[str, Any]
    seed: int
    metrics: Mapping[str, float]
    curves: Mapping[str, list[float]]
    provenance: Mapping[str, Any]  # see wsbook.study.provenance
    schema: int = SCHEMA

    @cached_property
    def cell(self) -> str:
        """The identity of the cell: equal settings and seeds give equal text."""
        return cell_key(self.parameters, self.seed)

    @cached_property
    def source(self) -> str:
        """The fingerprint of the code that measured it, or of the first code that this is noted to be equivalent to."""
        return first_like(self.provenance["source"])

    def line(self) -> str:
        """The record as one JSON line, its digest last."""
        text = json.dumps(asdict(self), separators=(",", ":"))
        return f'{text[:-1]},"digest":"{digest(text)}"}}\n'


def cell_key(parameters: Mapping[str, Any], seed: int) -> str:
    """A text that is equal for equal parameters and seed."""
    return json.dumps([dict(sorted(parameters.items())), seed])


def digest(text: str) -> str:
    """Twelve hexadecimal digits of the SHA-256 of a line without its digest."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


NEEDED = ("source", "utc", "seconds", "device")  # of a record's provenance


def parse(line: str) -> Record:
    """The record in a line.

    Raises
        ValueError: if the line is not whole, or its digest does not fit its content.
    """
    head, mark, tail = line.rstrip("\n").rpartition(',"digest":"')
    if not mark or not tail.endswith('"}'):
        raise ValueError("it is cut short or has no digest")
    if digest(head + "}") != tail[:-2]:
        raise ValueError("its digest does not fit its content")
    content = json.loads(head + "}")
    if content.get("schema") != SCHEMA:
        raise ValueError(f"its schema is {content.get('schema')}, not {SCHEMA}")
    record = Record(**content)
    if missing := [name for name in NEEDED if name not in record.provenance]:
        raise ValueError(f"its provenance lacks {', '.join(missing)}")
    return record


class RecordFile:
    """The records of one experiment at one profile, in `DIRECTORY/PROFILE/EXPERIMENT.jsonl`."""

    def __init__(self, directory: Path, profile: str, experiment: str):
        self.path = Path(directory) / profile / f"{experiment}.jsonl"

    def read(self) -> list[Record]:
        """All undamaged records, the latest for each (cell, source); warns of each damaged line."""
        found: dict[tuple[str, str], Record] = {}
        for record in self._records():
            found[record.cell, record.source] = record
        return list(found.values())

    def check_writable(self) -> None:
        """Raise a StudyError where no records can be added: before they have cost anything."""
        nearest = next(path for path in (self.path, *self.path.parents) if os.path.exists(path))
        reason = ""
        if nearest != self.path and not nearest.is_dir():
            reason = f"{nearest} is no folder"
        elif not os.access(nearest, os.W_OK):
            reason = f"{nearest} is read-only"
        if reason:
            raise StudyError(
                f"could not write {self.path}: {reason}; mend that or point --results elsewhere."
            )

    def append(self, records: Iterable[Record]) -> None:
        """Add those records whose (cell, source) is not there yet, all or none.

        Raises
            StudyError: if the disk refuses the write; the file is then as it was before.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked() as descriptor:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DamagedRecord)  # named by whoever reads
                    present = {(record.cell, record.source) for record in self._records()}
                lines = [r.line() for r in records if (r.cell, r.source) not in present]
                write_whole(descriptor, "".join(lines).encode())
        except OSError as error:
            raise StudyError(
                f"could not write {self.path} ({error.strerror}); free some space or point "
                "--results elsewhere, then run again: what was recorded before is intact."
            ) from error

    def _records(self) -> Iterator[Record]:
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield self._own(parse(line))
                    except (ValueError, TypeError) as error:
                        warnings.warn(
                            f"{self.path}, line {number}: {error}; skipped.", DamagedRecord, stacklevel=3
                        )

    def _own(self, record: Record) -> Record:
        place = (self.path.parent.name, self.path.stem)
        if (record.profile, record.experiment) != place:
            raise ValueError(f"it belongs in {record.profile}/{record.experiment}.jsonl")
        return record

    @contextmanager
    def _locked(self) -> Iterator[int]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def write_whole(descriptor: int, text: bytes) -> None:
    """Append `text` and flush it to the disk; on failure cut the file back to where it was.

    A last line that an earlier writer left without its end is closed first, so that it damages
    only itself.
    """
    before = os.fstat(descriptor).st_size
    if before and os.pread(descriptor, 1, before - 1) != b"\n":
        text = b"\n" + text
    try:
        written = 0
        while written < len(text):
            written += os.write(descriptor, text[written:])
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise
