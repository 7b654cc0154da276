"""The command line: one sentence for a mistake, and runs that survive whatever ends them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from wsbook import catalogue
from wsbook.errors import StudyError
from wsbook.study.places import ROOT
from wsbook.study.record import RecordFile
from wsbook.verdicts import odds_cache, scorecard
from wsbook.verdicts.claims import load_claims


@pytest.fixture
def run(wsbook, toy):
    """A function that runs the toy into its folder."""
    return lambda *arguments: wsbook("run", *arguments, "--results", toy.runs)


# Running


def test_a_run_records_every_cell_and_says_so(run, toy):
    status, out, err = run("toy")
    assert (status, err) == (0, "")
    assert out == f"toy: 12 cells recorded in {toy.runs / 'quick'}\n"
    assert len(toy.file().read()) == 12
    assert toy.file().read()[0].provenance["command"].startswith("wsbook run toy --results")


def test_a_second_run_has_nothing_to_do(run, toy):
    run("toy")
    before = toy.file().path.read_bytes()
    toy.measured.clear()
    status, out, _ = run("toy")
    assert (status, toy.measured) == (0, [])
    assert "toy: 0 cells recorded" in out
    assert toy.file().path.read_bytes() == before


def test_a_run_takes_the_settings_seeds_and_profile_that_are_asked_for(run, toy):
    status, *_ = run("toy", "--profile", "cpu", "--only", "slope=0.5", "--only", "size=2", "--seeds", 3)
    assert status == 0
    records = toy.file(profile="cpu").read()
    assert [(r.parameters["size"], r.seed) for r in records] == [(2, 0), (2, 1), (2, 2)]


def test_all_means_every_experiment(run, toy):
    assert run("all")[0] == 0
    assert len(toy.file().read()) == 12


def test_a_damaged_line_is_named_and_its_cell_measured_again(run, toy):
    run("toy")
    lines = toy.file().path.read_text().splitlines(keepends=True)
    toy.file().path.write_text("".join([lines[0], "rubbish\n", *lines[2:]]))
    toy.measured.clear()
    status, _, err = run("toy")
    assert status == 0 and len(toy.measured) == 1
    assert err == f"warning: {toy.file().path}, line 2: it is cut short or has no digest; skipped.\n"


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["toy", "--profile", "fast"], "there is no profile 'fast'; choose one of quick, cpu, paper"),
        (["tay"], "there is no experiment 'tay'; there are toy"),
        (["toy", "tay"], "there is no experiment 'tay'"),
        (["toy", "--only", "sise=1"], "experiment toy has no parameter 'sise'; it has size, slope"),
        (["toy", "--only", "size"], "--only takes key=value, not 'size'"),
        (["toy", "--only", "size=0"], "no setting of toy at profile quick has size=0"),
        (["toy", "--seeds", "0"], "the number of seeds must be positive, not 0"),
        (["toy", "--seeds", "-4"], "the number of seeds must be positive, not -4"),
        (["toy", "--only", "size=1", "--only", "size=2"], "--only has two values for size"),
        (["toy", "--jobs", "0"], "--jobs must be positive, not 0"),
        (["toy", "--jobs", "-1"], "--jobs must be positive, not -1"),
        (["toy", "--device", "gpu"], "there is no device 'gpu'; use cpu or cuda"),
        (["toy", "--device", "cuda"], "no GPU is usable by PyTorch here; run with --device cpu"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2_before_any_compute(
    run, toy, arguments, message, monkeypatch, one_sentence
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"wsbook: {message}")
    one_sentence(err.removesuffix("\n"))
    assert toy.measured == [] and not toy.runs.exists()


def test_a_folder_that_cannot_be_written_is_one_sentence_too(wsbook, toy, tmp_path, one_sentence):
    (tmp_path / "file").write_text("in the way")
    status, _, err = wsbook("run", "toy", "--results", tmp_path / "file")
    assert status == 2
    assert "could not write" in one_sentence(err.removesuffix("\n"))
    assert toy.measured == []


def test_brackets_in_a_path_are_printed_as_they_are(wsbook, toy, tmp_path):
    status, out, _ = wsbook("run", "toy", "--results", tmp_path / "[red]x[")
    assert status == 0 and "[red]x[" in out


def test_a_run_that_keeps_going_lists_what_failed_and_has_status_2(run, toy, monkeypatch):
    def measure(stack, device):
        if stack[0].setting.size == 1:
            raise StudyError("the loss is not finite; lower lr.")
        return toy.measure(stack, device)

    monkeypatch.setattr(catalogue, "EXPERIMENTS", {"toy": replace(toy.experiment, measure=measure)})
    assert run("toy")[:2] == (2, "") and toy.measured == []
    status, out, err = run("toy", "--keep-going")
    assert (status, out) == (2, f"toy: 8 cells recorded in {toy.runs / 'quick'}\n")
    first, *reasons = err.splitlines()
    assert first == "wsbook: some cells have no record:"
    assert [reason.split(":")[0] for reason in reasons] == [
        f"toy, size=1 slope=0.5, seed {seed} and 1 more" for seed in (0, 2)
    ]


def test_a_file_that_may_not_be_read_is_one_sentence(wsbook, monkeypatch, one_sentence):
    def forbidden(chosen):
        raise PermissionError(13, "Permission denied", "notebooks/A1_dictionary.ipynb")

    monkeypatch.setattr("wsbook.book.pages.store.store_all", forbidden)
    status, out, err = wsbook("store")
    assert (status, out) == (2, "")
    assert "notebooks/A1_dictionary.ipynb; change its permissions" in one_sentence(err.removesuffix("\n"))


def test_an_experiment_named_twice_runs_once(run, toy):
    status, out, _ = run("toy", "toy")
    assert status == 0 and out.count("toy:") == 1


def test_all_leaves_out_what_a_profile_does_not_have(run, toy):
    del toy.experiment.grid["quick"]
    assert run("all")[0] == 0 and toy.measured == []


@pytest.mark.parametrize("arguments", [["--seeds", "many"], ["--nonsense"], ["--jobs", "1.5"]])
def test_what_cannot_be_parsed_has_status_2_and_costs_nothing(run, toy, arguments):
    status, out, err = run("toy", *arguments)
    assert (status, out) == (2, "")
    assert arguments[0] in err and "Traceback" not in err
    assert toy.measured == []


def test_the_status_reaches_the_shell():
    ended = subprocess.run(
        [sys.executable, "-m", "wsbook", "run", "tay"], cwd=ROOT, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"wsbook: there is no experiment 'tay'; there are .*\.\n", ended.stderr)


# Status


def test_status_is_a_table(wsbook, toy):
    toy.file().append([toy.record()])
    status, out, err = wsbook("status")
    assert (status, err) == (0, "")
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["toy", "quick"], ["toy", "cpu"], ["toy", "paper"],
    ]  # fmt: skip


def test_status_lists_settings(wsbook, toy):
    status, out, _ = wsbook("status", "--settings")
    assert status == 0
    assert out.count("size=") == 9


def test_odds_are_simulated_and_kept_beside_the_records(wsbook, monkeypatch, tmp_path):
    claims = [claim for claim in load_claims() if claim.id == "C-surpass"]
    monkeypatch.setattr(scorecard, "load_claims", lambda: claims)
    for name in ("COMMITTED", "LOCAL"):
        monkeypatch.setattr(odds_cache, name, tmp_path / f"{name}.json")
    status, out, err = wsbook("odds")
    assert (status, err) == (0, "") and "COMMITTED.json has the odds of 1 parts" in out
    ((false_confirmation, power),) = json.loads((tmp_path / "COMMITTED.json").read_text()).values()
    assert false_confirmation < 0.001 and power == pytest.approx(0.228, abs=0.015)


def test_status_json_holds_claims_experiments_and_benchmarks_of_this_repository(wsbook, monkeypatch):
    claims = [claim for claim in load_claims() if claim.id != "A-multiverse"]  # which takes seconds
    monkeypatch.setattr(scorecard, "load_claims", lambda: claims)

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    status, out, err = wsbook("status", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out, parse_constant=refuse)
    assert set(found) == {"claims", "experiments", "benchmarks"}
    assert [claim["id"] for claim in found["claims"]] == [claim.id for claim in claims]
    for claim in found["claims"]:
        assert set(claim) >= {"id", "verdict", "n", "profile", "device", "paper", "value", "interval"}
    assert {row["experiment"] for row in found["experiments"]} == set(catalogue.EXPERIMENTS)
    for row in found["experiments"]:
        assert row["done"] + row["stale"] + row["missing"] == row["planned"]
    for part in (part for claim in found["claims"] for part in claim["parts"]):
        counts = not part["control"] and part["verdict"] != "not run" and part["n"] > 1
        assert (part["false_confirmation"] is not None) == (part["power"] is not None) == counts
    for row in found["benchmarks"]:
        assert set(row) >= {"name", "value", "unit", "hardware"}


# The end of a process

CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")
ARGUMENTS = ["run", "a-momentum", "--only", "beta1=0.7", "--seeds", "60"]


def numbers(records):
    return {record.cell: (record.metrics, record.curves, record.source) for record in records}


def children(pid):
    return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children")
            for child in path.read_text().split()]  # fmt: skip


def alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.005)


@pytest.mark.skipif(not CHILDREN.exists(), reason="the system does not list the children of a process")
def test_a_run_killed_in_the_middle_resumes_to_the_records_of_an_unbroken_one(wsbook, tmp_path):
    killed = RecordFile(tmp_path / "killed", "quick", "a-momentum")
    command = [sys.executable, "-m", "wsbook", *ARGUMENTS, "--jobs", "2", "--results"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "killed")], cwd=ROOT, env={**os.environ, "CI": "true"}
    )
    try:
        wait_until(lambda: killed.path.exists() and killed.path.stat().st_size, 300)
        workers = children(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert len(workers) >= 2
    wait_until(lambda: not any(map(alive, workers)), 20)  # they end with it

    # As if the kill had also come in the middle of a line.
    lines = killed.path.read_bytes().splitlines(keepends=True)
    assert 0 < len(lines) < 60
    left = b"".join(lines[:-1]) + lines[-1][:100]
    killed.path.write_bytes(left)

    status, out, err = wsbook(*ARGUMENTS, "--results", tmp_path / "killed")
    assert status == 0
    assert err == f"warning: {killed.path}, line {len(lines)}: it is cut short or has no digest; skipped.\n"
    redone = int(re.search(r"a-momentum: (\d+) cells recorded", out)[1])
    assert redone == 60 - (len(lines) - 1) // 10 * 10  # whole stacks, and those that are whole are kept
    again = killed.path.read_bytes()
    assert again.startswith(left + b"\n")
    assert again.count(b"\n") == 60 + 1

    assert wsbook(*ARGUMENTS, "--results", tmp_path / "unbroken")[0] == 0
    unbroken = RecordFile(tmp_path / "unbroken", "quick", "a-momentum").read()
    killed.path.write_bytes(again.replace(lines[-1][:100] + b"\n", b"", 1))  # read it without a warning
    assert len(unbroken) == 60
    assert numbers(killed.read()) == numbers(unbroken)
