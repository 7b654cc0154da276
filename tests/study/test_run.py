"""Only what is missing is measured, in the stacks of the plan, and recorded as soon as it is there."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from wsbook import catalogue
from wsbook.errors import StudyError
from wsbook.study.device import check_device
from wsbook.study.experiment import Measured
from wsbook.study.run import missing_stacks, run


@pytest.fixture
def go(toy):
    """Run what is missing of the toy's quick profile; returns the stacks that were measured."""

    def go(seeds=4, settings=None, **options):
        toy.measured.clear()
        chosen = settings or toy.experiment.grid["quick"]
        stacks = missing_stacks(toy.experiment, chosen, seeds, "cpu", toy.file().read())
        run(toy.experiment, "quick", stacks, directory=toy.runs, **options)
        return toy.measured

    return go


def cells(records):
    return {(record.parameters["size"], record.seed) for record in records}


def test_every_cell_leaves_one_record_with_its_numbers_and_its_origin(toy, go, settings):
    go()
    records = toy.file().read()
    assert cells(records) == {(size, seed) for size in (1, 2, 3) for seed in range(4)}
    assert len(toy.file().path.read_text().splitlines()) == 12
    record = next(r for r in records if (r.parameters["size"], r.seed) == (3, 2))
    expected = toy.record(settings(3, 0.25), 2)
    assert (record.metrics, record.curves) == (expected.metrics, expected.curves)
    assert record.parameters == {"size": 3, "slope": 0.25}
    assert (record.experiment, record.profile, record.source) == ("toy", "quick", "today")
    assert set(record.provenance) >= {
        "utc", "seconds", "peak_mib", "source", "commit", "command", "device", "accelerator", "threads",
        "precision", "python", "torch", "numpy", "scipy", "scikit-learn",
    }  # fmt: skip
    assert record.provenance["threads"] == 1 and not record.provenance["accelerator"]


def change(monkeypatch, toy, **fields):
    toy.experiment = replace(toy.experiment, **fields)
    monkeypatch.setitem(catalogue.EXPERIMENTS, "toy", toy.experiment)


def test_records_say_what_they_were_measured_on(monkeypatch, toy, go):
    go()
    assert "data" not in toy.file().read()[0].provenance
    toy.file().path.unlink()
    change(monkeypatch, toy, data=lambda setting: {"images": f"of size {setting.size}"})
    go()
    assert all(
        record.provenance["data"] == {"images": f"of size {record.parameters['size']}"}
        for record in toy.file().read()
    )


def test_what_a_measurement_says_of_its_data_goes_before_what_its_experiment_does(monkeypatch, toy, go):
    measure = toy.experiment.measure
    change(
        monkeypatch,
        toy,
        measure=lambda *given: [replace(found, data={"images": "seen"}) for found in measure(*given)],
        data=lambda setting: {"images": "planned", "networks": "planned"},
    )
    go()
    assert toy.file().read()[0].provenance["data"] == {"images": "seen", "networks": "planned"}


def test_what_is_recorded_is_not_measured_again(toy, go):
    assert len(go()) == 6
    assert go() == []
    before = toy.file().path.read_bytes()
    assert [[cell.seed for cell in stack] for stack in go(seeds=5)] == [[4], [4], [4]]
    assert toy.file().path.read_bytes().startswith(before)


@pytest.mark.parametrize("seed", [2, 3])
def test_a_missing_cell_is_measured_in_its_whole_stack_and_recorded_alone(toy, go, settings, seed):
    go()
    lines = toy.file().path.read_text().splitlines(keepends=True)
    lost = next(line for line in lines if '"size":2' in line and f'"seed":{seed}' in line)
    toy.file().path.write_text("".join(line for line in lines if line != lost))
    (stack,) = go()
    assert [(cell.setting, cell.seed) for cell in stack] == [(settings(2), 2), (settings(2), 3)]
    again = toy.file().path.read_text().splitlines(keepends=True)
    assert len(again) == 12 and again[:11] == [line for line in lines if line != lost]


def test_what_other_code_measured_is_measured_again_and_kept(toy, go):
    go()
    toy.source = "tomorrow"
    assert len(go()) == 6
    assert sorted(r.source for r in toy.file().read()) == 12 * ["today"] + 12 * ["tomorrow"]
    assert go() == []


def test_an_interrupted_run_keeps_what_was_done_and_resumes_with_the_rest(toy, go, monkeypatch):
    def interrupted(stack, device):
        if len(toy.measured) == 4:
            raise KeyboardInterrupt
        return toy.measure(stack, device)

    whole = toy.experiment
    toy.experiment = replace(whole, measure=interrupted)
    monkeypatch.setattr("wsbook.catalogue.EXPERIMENTS", {"toy": toy.experiment})
    with pytest.raises(KeyboardInterrupt):
        go()
    assert len(toy.file().read()) == 8
    toy.experiment = whole
    monkeypatch.setattr("wsbook.catalogue.EXPERIMENTS", {"toy": whole})
    assert len(go()) == 2
    assert len(toy.file().path.read_text().splitlines()) == 12


def test_a_measurement_that_returns_too_few_results_is_not_recorded(toy, go, monkeypatch):
    toy.experiment = replace(toy.experiment, measure=lambda stack, device: [Measured({}, {})])
    monkeypatch.setattr("wsbook.catalogue.EXPERIMENTS", {"toy": toy.experiment})
    with pytest.raises(ValueError, match="shorter"):
        go()
    assert toy.file().read() == []


@pytest.mark.parametrize(
    "metrics, curves", [({"size": 1.0}, {}), ({}, {"slope": [1.0]}), ({"seed": 1.0}, {})]
)
def test_a_metric_named_like_a_parameter_is_refused(toy, go, monkeypatch, metrics, curves):
    both = replace(toy.experiment, measure=lambda stack, device: [Measured(metrics, curves)] * len(stack))
    toy.experiment = both
    monkeypatch.setattr("wsbook.catalogue.EXPERIMENTS", {"toy": both})
    with pytest.raises(StudyError, match="which is a parameter of it too"):
        go()
    assert toy.file().read() == []


@pytest.fixture
def diverging(toy, settings, monkeypatch):
    """A toy experiment whose setting of size 2 cannot be measured with the first seeds."""

    def measure(stack, device):
        if (stack[0].setting, stack[0].seed) == (settings(2), 0):
            raise StudyError("the loss is not finite; lower lr.")
        return toy.measure(stack, device)

    toy.experiment = replace(toy.experiment, measure=measure)
    monkeypatch.setattr("wsbook.catalogue.EXPERIMENTS", {"toy": toy.experiment})


def test_a_failure_says_at_which_cell(toy, go, diverging, one_sentence):
    with pytest.raises(StudyError) as error:
        go()
    message = "toy, size=2 slope=0.5, seed 0 and 1 more: the loss is not finite; lower lr."
    assert one_sentence(error.value) == message
    assert cells(toy.file().read()) == {(1, seed) for seed in range(4)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_keeps_going_measures_all_that_can_be(toy, go, diverging, jobs, monkeypatch):
    monkeypatch.setattr("wsbook.study.run.spread", lambda call, work, jobs, begin: map(call, work))
    stacks = missing_stacks(toy.experiment, toy.experiment.grid["quick"], 4, "cpu", [])
    done, failures = run(toy.experiment, "quick", stacks, jobs=jobs, directory=toy.runs, keep_going=True)
    assert done == len(toy.file().read()) == 10
    assert cells(toy.file().read()).isdisjoint({(2, 0), (2, 1)})
    assert len(failures) == 1 and failures[0].startswith("toy, size=2 slope=0.5, seed 0 and")


def test_a_run_does_not_keep_going_when_the_disk_is_full(toy, go, monkeypatch):
    def full(self, records):
        raise StudyError("could not write.")

    monkeypatch.setattr("wsbook.study.run.RecordFile.append", full)
    with pytest.raises(StudyError, match="could not write"):
        go(keep_going=True)
    assert len(toy.measured) == 1


# Several processes

TASKS = """
import signal, sys, time
from pathlib import Path
from wsbook.errors import StudyError
from wsbook.study.run import spread

def task(number):
    Path(f"{number}.started").touch()
    if number == 0 and "fails" in sys.argv:
        raise StudyError("the first one fails")
    time.sleep(1)
    return 1

def begin():
    pass

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    print(sum(spread(task, range(12), 2, begin)))
"""


def tasks(folder, *arguments):
    """A process that has two others work on twelve tasks of a second each."""
    (folder / "tasks.py").write_text(TASKS)
    command = [sys.executable, "tasks.py", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, start_new_session=True, **streams)


def started(folder):
    return len(list(folder.glob("*.started")))


def test_after_a_failure_no_process_begins_another_task(tmp_path):
    process = tasks(tmp_path, "fails")
    assert "StudyError: the first one fails" in process.communicate(timeout=60)[1]
    assert process.returncode == 1 and started(tmp_path) <= 6  # two at work, three on their way to them


def test_ctrl_c_ends_all_processes_at_once(tmp_path):
    process = tasks(tmp_path)
    deadline = time.monotonic() + 60
    while started(tmp_path) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
    assert process.returncode and started(tmp_path) <= 5


# Bad input


@pytest.mark.parametrize("device", ["gpu", "", "cuda:", "cuda:x", "cuda:-1", "meta", "mps", "cpu:1"])
def test_an_unknown_device_is_refused(device, one_sentence):
    with pytest.raises(StudyError, match=f"no device '{device}'; use cpu or cuda") as error:
        check_device(device)
    one_sentence(error.value)


@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_a_machine_without_a_gpu_says_so(device, monkeypatch, one_sentence):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(StudyError, match="no GPU is usable by PyTorch here; run with") as error:
        check_device(device)
    one_sentence(error.value)


def test_a_gpu_too_many_is_refused(monkeypatch, one_sentence):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [check_device(device) for device in ("cpu", "cuda", "cuda:1")] == ["cpu", "cuda", "cuda:1"]
    with pytest.raises(StudyError, match="no cuda:2: this machine has 2 GPUs") as error:
        check_device("cuda:2")
    one_sentence(error.value)


@pytest.mark.parametrize("options", [{"jobs": 0}, {"jobs": -2}, {"device": "gpu"}])
def test_bad_options_cost_no_compute(toy, go, options, one_sentence):
    with pytest.raises(StudyError) as error:
        go(**options)
    one_sentence(error.value)
    assert toy.measured == [] and not toy.runs.exists()
