"""wsbook zoo: what is trained, killed, listed, stale, damaged or left over."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, fields, replace

import pytest
import torch
from safetensors import SafetensorError

from wsbook.study import shelf
from wsbook.study.places import ROOT
from wsbook.study.shelf import read
from wsbook.zoo import archive, commands, training, workers
from wsbook.zoo.archive import file_name, members, shards
from wsbook.zoo.inventory import shelved
from wsbook.zoo.notes import note_path, read_note
from wsbook.zoo.setting import Zoo

ZOO = Zoo("digits", "cnn-digits", models=5, epochs=2, kept=2, batch=200)
DIGITS = ("zoo", "train", "digits", "--network", "cnn-digits", "--epochs", 2, "--kept", 2, "--batch", 200)
TRAIN = (*DIGITS, "--models", 5)


@pytest.fixture
def of_two(own_shelf, monkeypatch):
    """The folder of shards, each of two models."""
    monkeypatch.setattr(archive, "SHARD", 2)
    return own_shelf


@pytest.fixture
def refused(wsbook, one_sentence):
    """A check that a command fails with one sentence, which is returned."""

    def refused(*arguments):
        status, _, err = wsbook(*arguments)
        assert status == 2 and err.startswith("wsbook: ")
        return one_sentence(err.removesuffix("\n"))

    return refused


# Training


def test_the_first_models_of_a_longer_shard_are_there_and_its_note_is_left_alone(wsbook, of_two):
    assert "2 of 2 networks trained now" in wsbook(*DIGITS, "--models", 2)[1]
    (note,) = of_two.glob("*.json")
    said = note.read_text()
    assert "0 of 1 networks trained now" in wsbook(*DIGITS, "--models", 1)[1]
    assert note.read_text() == said
    note.unlink()
    assert "0 of 1 networks trained now" in wsbook(*DIGITS, "--models", 1)[1]
    assert not list(of_two.glob("*.json"))


def test_what_is_missing_is_trained_and_noted(wsbook, of_two):
    status, out, err = wsbook(*TRAIN)
    assert (status, out, err) == (
        0,
        "zoo of digits: 5 of 5 networks trained now, the others were there.\n",
        "",
    )
    for shard in shards(ZOO):
        note = read_note(of_two / file_name(shard))
        assert note["zoo"] == asdict(shard) and note["provenance"]["seconds"] > 0
    last = of_two / file_name(shards(ZOO)[-1])
    last.unlink()
    assert "1 of 5 networks trained now" in wsbook(*TRAIN)[1]
    assert "0 of 5 networks trained now" in wsbook(*TRAIN)[1]


def test_every_parameter_of_a_zoo_is_an_option(wsbook, monkeypatch):
    options = [*inspect.signature(commands.train).parameters]
    assert options == [*(field.name for field in fields(Zoo)), "jobs", "device"]
    seen = []
    monkeypatch.setattr(workers, "complete", lambda *arguments: seen.append(arguments) or 0)
    odd = Zoo("usps", "cnn-digits", 7, 70, 8, 3, 9, 0.5, 0.25, 0.125, "relu", 40)
    given = [x for k, v in asdict(odd).items() if k != "data" for x in (f"--{k.replace('_', '-')}", v)]
    assert wsbook("zoo", "train", "usps", *given, "--jobs", 3)[0] == 0
    assert wsbook("zoo", "train", "mnist")[0] == 0
    assert seen == [(odd, 3, "cpu"), (Zoo("mnist"), 1, "cpu")]


def test_several_processes_train_what_one_does(wsbook, of_two, monkeypatch):
    monkeypatch.setenv("WSBOOK_RUNS", str(shelf.RUNS))  # where worker processes look
    assert wsbook(*TRAIN, "--jobs", 2)[0] == 0
    found = members(ZOO)
    for shard in shards(ZOO):
        (of_two / file_name(shard)).unlink()
    wsbook(*TRAIN)
    torch.testing.assert_close(members(ZOO).weights, found.weights, rtol=0, atol=0)


def test_a_training_that_is_killed_goes_on_where_it_stopped(wsbook, own_shelf):
    command = [sys.executable, "-m", "wsbook", *map(str, DIGITS), "--models", "60"]
    environment = {**os.environ, "CI": "true", "WSBOOK_RUNS": str(shelf.RUNS)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    end = time.monotonic() + 120
    while not list(own_shelf.glob("*.safetensors")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path.name: path.stat().st_mtime_ns for path in own_shelf.glob("*.safetensors")}
    assert 0 < len(done) < 3

    zoo = replace(ZOO, models=60)
    assert f"{60 - 20 * len(done)} of 60 networks trained now" in wsbook(*DIGITS, "--models", 60)[1]
    assert len(members(zoo).weights) == 60
    for name, moment in done.items():
        assert (own_shelf / name).stat().st_mtime_ns == moment
    next_one = shards(zoo)[len(done)]
    torch.testing.assert_close(read(own_shelf / file_name(next_one)), training.train_shard(next_one, "cpu"))


def test_a_shard_whose_note_was_lost_gets_one(wsbook, of_two):
    members(ZOO)
    first, second = (of_two / file_name(shard) for shard in shards(ZOO)[:2])
    note_path(first).unlink()
    note_path(second).write_text('{"zoo": ')
    _, out, _ = wsbook("zoo", "list")
    assert f"orphan: {first}: it has no note" in out and f"orphan: {second}: its note cannot be read" in out
    assert "0 of 5 networks trained now" in wsbook(*TRAIN)[1]
    assert read_note(first)["zoo"] == asdict(shards(ZOO)[0]) and "orphan" not in wsbook("zoo", "list")[1]


def test_damaged_shards_are_refused_before_anything_is_trained(refused, of_two, monkeypatch):
    members(ZOO)
    paths = [of_two / file_name(shard) for shard in shards(ZOO)]
    for path in paths[:2]:
        path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr(training, "train_shard", None)  # would fail if called
    sentence = refused(*DIGITS, "--models", 9)
    assert all(str(path) in sentence for path in paths[:2]) and str(paths[2]) not in sentence


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(refused, of_two, monkeypatch, wsbook):
    def full(tensors, path, metadata):
        path.write_bytes(b"half")
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    with monkeypatch.context() as disk:
        disk.setattr(shelf, "save_file", full)
        assert "No space left on device" in refused(*TRAIN)
    assert list(of_two.iterdir()) == []

    def no_note(self, text):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("pathlib.Path.write_text", no_note)
        assert "free some space" in refused(*TRAIN)
    assert [path.name for path in of_two.iterdir()] == [file_name(shards(ZOO)[0])]
    assert "3 of 5 networks trained now" in wsbook(*TRAIN)[1] and len(list(of_two.glob("*.json"))) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jobs", 0], "--jobs must be positive, not 0"),
        (["--device", "gpu"], "there is no device 'gpu'"),
        (["--network", "vgg"], "there is no zoo of networks 'vgg'"),
        (["--models", 0], "models of a zoo must be positive, not 0"),
        (["--epochs", 3], "a zoo of 3 epochs cannot keep 5"),
        (["--lr", "nan"], "--lr takes a finite number, not nan"),
        (["--weight-decay", "inf"], "--weight-decay takes a finite number, not inf"),
    ],
)
def test_mistakes_are_one_sentence(refused, own_shelf, arguments, message):
    assert message in refused("zoo", "train", "digits", *arguments)
    assert not own_shelf.exists()


def test_an_unknown_image_set_is_refused_before_processes_start(refused, own_shelf):
    assert "there is no image set 'mnits'" in refused("zoo", "train", "mnits", "--jobs", 2)


# Listing


def test_an_empty_shelf_says_what_fills_it(wsbook, own_shelf):
    assert "no zoo is on the shelf; `wsbook zoo train DATA` trains one" in wsbook("zoo", "list")[1]


def test_shards_of_one_kind_are_one_zoo(wsbook, of_two):
    whole = members(replace(ZOO, models=6))
    members(ZOO)  # whose last shard holds model 4 once more
    members(replace(ZOO, models=1, first_seed=50))
    members(replace(ZOO, models=2, lr=0.01))
    zoos, orphans = shelved()
    assert [list(zoo.accuracy) for zoo in zoos] == [[*range(6), 50], [0, 1]] and orphans == []
    last = 100 * whole.table[whole.table.epoch == 2].test_accuracy
    expected = zoos[0].accuracy[50][-1].item() * 100
    low, high = min(*last, expected), max(*last, expected)
    line = next(line for line in wsbook("zoo", "list")[1].splitlines() if zoos[0].id in line)
    row = line.partition(zoos[0].id)[2]  # the identifier may hold any digit
    columns = ["digits", "cnn-digits", "7", "2 (2 kept)", f"{low:.1f} to {high:.1f}", "MiB", "current"]
    assert [row.find(text) for text in columns] == sorted(row.find(text) for text in columns)
    assert -1 not in [row.find(text) for text in columns]
    assert zoos[0].size == sum(shard.path.stat().st_size for shard in zoos[0].shards)


def test_zoos_of_other_code_are_stale(wsbook, of_two):
    members(ZOO)
    for path in of_two.glob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"source": "0123456789ab"}))
    members(replace(ZOO, models=6))  # of which four models are there, to today's code by their file names
    zoos, _ = shelved()
    assert [(zoo.stale, list(zoo.accuracy)) for zoo in zoos] == [(True, [*range(5)]), (False, [4, 5])]
    _, out, _ = wsbook("zoo", "list")
    assert "stale" in next(line for line in out.splitlines() if zoos[0].id in line)
    assert "stale zoos were made by other code than today's" in out


def test_what_is_damaged_or_left_over_is_named(wsbook, of_two):
    members(ZOO)
    first, second, third = (of_two / file_name(shard) for shard in shards(ZOO))
    first.write_bytes(first.read_bytes()[:1000])
    second.unlink()
    part = of_two / "zoo-0123456789ab.77.part"
    part.write_bytes(b"half")
    (of_two / "fitted-0123456789ab.safetensors").write_bytes(b"of something else")
    _, out, _ = wsbook("zoo", "list")
    assert f"damaged: {first}; delete it" in out
    assert f"orphan: {note_path(second)}: the note of a shard that is not there." in out
    assert f"orphan: {part}: left by a run that was cut off" in out
    assert str(third) not in out and "fitted" not in out
    assert [list(zoo.accuracy) for zoo in shelved()[0]] == [[4]]


def test_a_zoo_is_shown_by_identifier_or_image_set(wsbook, refused, of_two):
    table = members(ZOO).table
    zoo = shelved()[0][0]
    _, out, _ = wsbook("zoo", "show", zoo.id)
    assert wsbook("zoo", "show", "digits")[1] == out
    assert "batch 200" in out and "models 2 to 3: " in out
    for epoch, rows in table.groupby("epoch"):
        accuracy = 100 * rows.test_accuracy
        spread = f"{accuracy.min():.1f} to {accuracy.max():.1f} %"
        assert f"epoch {epoch}: test accuracy {accuracy.mean():.1f} % on average, {spread}" in out
    assert "there is no zoo 'usps' on the shelf" in refused("zoo", "show", "usps")


def test_the_command_line_starts_without_pytorch():
    code = "import sys, wsbook.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
