"""Records survive damage, full disks and company: nothing lost, nothing doubled, all else used."""

import errno
import json
import math
import os
import resource
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest

from wsbook.errors import StudyError
from wsbook.study.places import ROOT
from wsbook.study.record import DamagedRecord, RecordFile, cell_key, digest, parse


def read(file):
    """The records of a file, and what was said about damage."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DamagedRecord)
        records = file.read()
    return records, [str(warning.message) for warning in caught]


def seeds(records):
    return [record.seed for record in records]


@pytest.fixture
def file(toy):
    return toy.file()


@pytest.fixture
def filled(toy, file):
    """Records of seeds 0, 1 and 2."""
    file.append(toy.record(seed=seed) for seed in range(3))
    return file


# What is written is what is read


def test_a_record_survives_its_line(toy):
    record = replace(
        toy.record(),
        metrics={"nan": math.nan, "inf": math.inf, "tiny": 1e-45, "third": 1 / 3},
        curves={"curve": [0.1, -math.inf]},
        parameters={"name": 'ü "quoted",\n"digest":"', "flag": True},
    )
    line = record.line()
    assert line.count("\n") == 1 and line.endswith("\n")
    again = parse(line)
    assert math.isnan(again.metrics["nan"])
    assert repr(again) == repr(record)
    assert again.line() == line


def test_a_line_is_json_that_ends_with_its_digest(toy):
    line = toy.record().line()
    content = json.loads(line)
    assert list(content)[-1] == "digest"
    assert content["experiment"] == "toy" and content["schema"] == 1
    assert content["digest"] == digest(line.rpartition(',"digest"')[0] + "}")


def test_a_cell_is_its_parameters_in_any_order_and_its_seed():
    assert cell_key({"a": 1, "b": 2}, 0) == cell_key({"b": 2, "a": 1}, 0)
    assert cell_key({"a": 1}, 0) != cell_key({"a": 1}, 1) != cell_key({"a": 2}, 1)


def test_a_cell_is_recorded_once_for_every_state_of_the_code(toy, filled):
    before = filled.path.read_bytes()
    filled.append([replace(toy.record(seed=1), metrics={"level": 99.0})])
    assert filled.path.read_bytes() == before
    filled.append([toy.record(seed=1, source="tomorrow")])
    assert filled.path.read_bytes().startswith(before)
    assert [(r.seed, r.source) for r in filled.read()] == [
        (0, "today"), (1, "today"), (2, "today"), (1, "tomorrow"),
    ]  # fmt: skip


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    assert RecordFile(tmp_path, "cpu", "none").read() == []


# Damage


def cut(line):
    return line[: len(line) // 2]


def edited(line):
    return line.replace(b'"half":0.1', b'"half":0.2')


DAMAGE = {
    "cut short": (cut, "cut short or has no digest"),
    "an edited number": (edited, "digest does not fit"),
    "binary garbage": (lambda line: bytes(range(128, 256)) + b"\x00\x01", "cut short or has no digest"),
    "garbage inside": (lambda line: line[:40] + b"\xff\x00" + line[42:], "digest does not fit"),
    "two lines in one": (lambda line: line + line, "digest does not fit"),
    "a foreign schema": (
        lambda line: resealed(line, lambda content: content.update(schema=2)), "schema is 2, not 1",
    ),
    "a field too few": (lambda line: resealed(line, lambda content: content.pop("seed")), "seed"),
    "a field too many": (lambda line: resealed(line, lambda content: content.update(x=1)), "'x'"),
    "no origin": (
        lambda line: resealed(line, lambda content: content["provenance"].pop("source")), "provenance lacks source",
    ),
    "not an object": (lambda line: b"[1, 2, 3]", "cut short or has no digest"),
}  # fmt: skip


def resealed(line, change):
    """The line with its content changed and a digest that fits."""
    content = json.loads(line)
    del content["digest"]
    change(content)
    text = json.dumps(content, separators=(",", ":"))
    return f'{text[:-1]},"digest":"{digest(text)}"}}'.encode()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(("damage", "reason"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_line_is_named_and_skipped_and_the_rest_is_used(
    toy, filled, damage, reason, number, one_sentence
):
    lines = filled.path.read_bytes().splitlines()
    lines[number - 1] = damage(lines[number - 1])
    filled.path.write_bytes(b"\n".join(lines) + b"\n")
    left = [seed for seed in range(3) if seed != number - 1]

    records, said = read(filled)
    assert seeds(records) == left
    assert len(said) == 1
    assert said[0].startswith(f"{filled.path}, line {number}: ")
    assert reason in one_sentence(said[0])

    filled.append([toy.record(seed=7), toy.record(seed=number - 1)])  # what was damaged may come again
    records, said = read(filled)
    assert seeds(records) == [*left, 7, number - 1]
    assert len(said) == 1


def test_a_file_cut_anywhere_loses_only_the_line_that_was_cut(toy, filled):
    whole = filled.path.read_bytes()
    start = len(b"".join(whole.splitlines(keepends=True)[:2]))
    for end in [*range(start, len(whole), 17), len(whole) - 2, len(whole) - 1, len(whole)]:
        filled.path.write_bytes(whole[:end])
        complete = end >= len(whole) - 1  # the newline itself is not missed
        records, said = read(filled)
        assert seeds(records) == ([0, 1, 2] if complete else [0, 1])
        assert len(said) == (start < end and not complete)

        filled.append([toy.record(seed=2), toy.record(seed=3)])
        records, after = read(filled)
        assert seeds(records) == [0, 1, 2, 3]
        assert after == said  # the new lines are whole, and the cut one is where it was


def test_no_change_of_a_single_byte_goes_unnoticed(toy):
    line = toy.record(seed=5).line().rstrip("\n").encode()
    for position in range(len(line)):
        changed = line[:position] + bytes([line[position] ^ 1]) + line[position + 1 :]
        with pytest.raises((ValueError, TypeError)):
            parse(changed.decode(errors="replace"))


def test_empty_lines_are_no_damage(filled):
    filled.path.write_bytes(filled.path.read_bytes().replace(b"\n", b"\n\n"))
    assert read(filled) == (filled.read(), [])


def test_the_committed_records_are_whole():
    files = sorted((ROOT / "results").glob("*/*.jsonl"))
    assert files
    for path in files:
        records, said = read(RecordFile(ROOT / "results", path.parent.name, path.stem))
        # A run may be appending to a file right now: only its last line may be unfinished.
        last = len(path.read_bytes().splitlines())
        assert all(f"line {last}:" in message for message in said)
        assert {(r.experiment, r.profile) for r in records} == {(path.stem, path.parent.name)}


# A disk that refuses


def refuse(monkeypatch, after):
    """Make os.write take `after` bytes and then report a full disk."""
    real, taken = os.write, [0]

    def write(descriptor, text):
        room = after - taken[0]
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken[0] += min(room, len(text))
        return real(descriptor, text[:room])

    monkeypatch.setattr(os, "write", write)


@pytest.mark.parametrize("after", [0, 1, 100, 700])
def test_a_full_disk_leaves_the_file_as_it_was(toy, filled, monkeypatch, after, one_sentence):
    before = filled.path.read_bytes()
    with monkeypatch.context() as context:
        refuse(context, after)
        with pytest.raises(StudyError, match="No space left on device") as error:
            filled.append(toy.record(seed=seed) for seed in range(3, 6))
    assert str(filled.path) in one_sentence(error.value)
    assert filled.path.read_bytes() == before
    filled.append([toy.record(seed=3)])
    assert seeds(filled.read()) == [0, 1, 2, 3]


def test_a_limit_of_the_system_in_the_middle_of_a_line_leaves_the_file_as_it_was(toy, filled):
    before = filled.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, hard))
    try:
        with pytest.raises(StudyError, match="File too large"):
            filled.append(toy.record(seed=seed) for seed in range(3, 6))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert filled.path.read_bytes() == before


def test_writes_in_several_pieces_make_whole_lines(toy, file, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, text: real(descriptor, text[:10]))
    file.append([toy.record(seed=0), toy.record(seed=1)])
    assert seeds(file.read()) == [0, 1]


def test_a_folder_that_cannot_be_made_is_named(toy, tmp_path, one_sentence):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudyError, match="could not write") as error:
        RecordFile(tmp_path / "file", "cpu", "toy").append([toy.record()])
    one_sentence(error.value)


# Several writers

WRITER = """
import sys, time
from pathlib import Path
from wsbook.study import record as module
from wsbook.study.record import Record, RecordFile
write_whole = module.write_whole
def dawdle(descriptor, text):  # between looking what is there and writing the rest
    time.sleep(0.005)
    write_whole(descriptor, text)
module.write_whole = dawdle
folder, me, together, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
file = RecordFile(folder, "cpu", "toy")
def record(owner, seed):
    origin = {"source": "s", "utc": "2026-01-01T00:00:00Z", "seconds": 1.0, "device": "a processor"}
    return Record("toy", "cpu", {"owner": owner}, seed, {"by": me}, {"pad": [0.1] * 200}, origin)
(folder / f"ready{me}").touch()
while len(list(folder.glob("ready*"))) < together:
    time.sleep(0.001)
for seed in range(0, count, 2):
    for owner in ("all", me):
        file.append([record(owner, seed), record(owner, seed + 1)])
"""


def test_processes_that_record_at_once_lose_nothing_and_double_nothing(tmp_path):
    together, count = 3, 24
    arguments = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen([*arguments, str(me), str(together), str(count)], cwd=ROOT)
        for me in range(together)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * together

    file = RecordFile(tmp_path, "cpu", "toy")
    records, said = read(file)
    assert said == []
    assert len(file.path.read_text().splitlines()) == len(records) == (together + 1) * count
    cells = {(record.parameters["owner"], record.seed) for record in records}
    assert cells == {(owner, seed) for owner in ("all", *range(together)) for seed in range(count)}
