"""Load or compute: each cell is measured once by today's code, and every table says what it shows."""

import warnings
from dataclasses import replace

import pytest

from wsbook.errors import StudyError
from wsbook.study.collect import collect, frame, load
from wsbook.study.record import DamagedRecord


def test_what_is_missing_is_measured_once(toy):
    table = collect(toy.experiment)
    assert len(toy.measured) == 6
    again = collect(toy.experiment)
    assert len(toy.measured) == 6
    assert table.equals(again)
    assert not toy.results.exists()  # committed records are never written to


def test_the_table_has_a_row_for_every_cell_as_planned(toy):
    table = collect(toy.experiment, "quick", seeds=2)
    assert list(table["size"]) == [1, 1, 2, 2, 3, 3]
    assert list(table["seed"]) == [0, 1] * 3
    assert list(table["slope"]) == [0.5] * 4 + [0.25] * 2
    assert table["level"].tolist() == pytest.approx([1.0, 1.02, 2.0, 2.02, 3.0, 3.02])
    assert table["curve"][4] == [3.0, 1.5, 1.0]
    assert list(table["paper_scale"]) == [False] * 2 + [True] * 4
    assert set(table["profile"]) == {"quick"} and not table["stale"].any()
    assert {"device", "accelerator", "utc", "seconds"} <= set(table)


def test_only_what_is_asked_for_is_returned(toy):
    assert len(collect(toy.experiment, "cpu")) == 18
    assert len(collect(toy.experiment, "cpu", seeds=2)) == 6
    table = collect(toy.experiment, "cpu", seeds=2, overrides={"slope": 0.75})
    assert set(table["slope"]) == {0.75} and len(table) == 6


def test_committed_records_are_used_before_anything_is_measured(toy):
    grid = toy.experiment.grid["quick"]
    toy.file(toy.results).append(toy.record(setting, seed) for setting in grid for seed in range(3))
    assert len(collect(toy.experiment)) == 12
    assert [[(c.setting.size, c.seed) for c in stack] for stack in toy.measured] == [
        [(1, 2), (1, 3)], [(2, 2), (2, 3)], [(3, 2), (3, 3)],
    ]  # fmt: skip


def test_stale_records_are_measured_again(toy):
    collect(toy.experiment, seeds=2)
    toy.source = "tomorrow"
    assert frame(load(toy.experiment, "quick"), toy.experiment)["stale"].all()
    table = collect(toy.experiment, seeds=2)
    assert len(toy.measured) == 6
    assert not table["stale"].any() and len(table) == 6


def test_a_record_from_before_a_parameter_was_added_counts_as_one_with_its_default(toy):
    collect(toy.experiment, overrides={"slope": 0.5})
    (path,) = toy.runs.rglob("*.jsonl")
    earlier = [
        replace(record, parameters={"size": record.parameters["size"]}) for record in toy.file().read()
    ]
    path.write_text("".join(record.line() for record in earlier))
    table = collect(toy.experiment, overrides={"slope": 0.5})
    assert len(toy.measured) == 6 and len(table) == 12 and set(table["slope"]) == {0.5}
    collect(toy.experiment, overrides={"slope": 0.25})
    assert len(toy.measured) == 12


def test_a_damaged_record_is_measured_again_and_nothing_else(toy):
    collect(toy.experiment)
    path = toy.file().path
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[3][:50] + "\n", *lines[4:]]))
    toy.measured.clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DamagedRecord)
        table = collect(toy.experiment)
    assert len(table) == 12 and len(toy.measured) == 1
    assert f"{path}, line 4: " in str(caught[0].message)


def test_today_s_code_counts_before_the_newest_and_then_the_newest(toy):
    def level(value, source, day, directory):
        record = toy.record(source=source, utc=f"2026-01-0{day}T00:00:00Z")
        toy.file(directory).append([replace(record, metrics={"level": value})])

    def best():
        (record,) = load(toy.experiment, "quick")
        return record.metrics["level"]

    level(1.0, "yesterday", 3, toy.results)
    level(2.0, "yesterday", 4, toy.runs)
    assert best() == 2.0
    level(3.0, "today", 1, toy.results)
    assert best() == 3.0
    level(4.0, "today", 2, toy.runs)
    assert best() == 4.0
    (record,) = load(toy.experiment, "quick", toy.results)
    assert record.metrics["level"] == 3.0


def test_a_table_of_nothing_is_empty(toy):
    assert frame(load(toy.experiment, "quick"), toy.experiment).empty


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"profile": "fast"}, "no profile 'fast'"),
        ({"overrides": {"sise": 1}}, "unknown parameter sise"),
        ({"overrides": {"size": 0}}, "size must be positive, not 0"),
        ({"seeds": 0}, "seeds must be positive, not 0"),
        ({"seeds": -5}, "seeds must be positive, not -5"),
        ({"jobs": 0}, "jobs must be positive, not 0"),
        ({"device": "gpu"}, "no device 'gpu'"),
        ({"profile": ["quick"]}, "profile takes the name of a profile, not \\['quick'\\]"),
        ({"seeds": 1.5}, "seeds takes a whole number, or None for the profile's, not 1.5"),
        ({"seeds": True}, "seeds takes a whole number, or None for the profile's, not True"),
        ({"overrides": [1]}, "overrides takes values by name"),
        ({"overrides": {3: 1}}, "overrides takes names of parameters, not 3"),
        ({"jobs": "2"}, "jobs takes a whole number of processes, not '2'"),
        ({"device": None}, "device takes the name of a device, not None"),
    ],
)
def test_bad_input_is_refused_before_any_compute(toy, options, message, one_sentence):
    with pytest.raises(StudyError, match=message) as error:
        collect(toy.experiment, **options)
    one_sentence(error.value)
    assert toy.measured == [] and not toy.runs.exists()
