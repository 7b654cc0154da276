"""What is done, stale and missing, what that costs, and rows that any program can read."""

import json
from math import inf, nan

import pytest

from wsbook.study.record import DamagedRecord, Record, RecordFile
from wsbook.verdicts import odds_cache, scorecard
from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.scorecard import decide_all, summary
from wsbook.verdicts.status import benchmark_status, experiment_status, json_ready, setting_status


def strict(text):
    """The document in a text that must be JSON as every parser reads it."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def row(toy, profile):
    rows = experiment_status({"toy": toy.experiment})
    return next(row for row in rows if row["profile"] == profile)


def test_every_profile_has_its_row(toy):
    rows = experiment_status({"toy": toy.experiment})
    assert [(r["experiment"], r["profile"], r["planned"], r["missing"]) for r in rows] == [
        ("toy", "quick", 12, 12), ("toy", "cpu", 18, 18), ("toy", "paper", 24, 24),
    ]  # fmt: skip
    assert all(r["core_seconds_to_go"] is None for r in rows)  # nothing to estimate it from


def test_cells_are_done_stale_or_missing(toy, settings):
    grid = toy.experiment.grid["quick"]
    toy.file().append(toy.record(grid[0], seed, seconds=2.0) for seed in range(4))
    toy.file(toy.results).append(
        toy.record(grid[1], seed, source="yesterday", seconds=8.0) for seed in range(3)
    )
    toy.file().append([toy.record(settings(9), 0), toy.record(grid[0], 99)])  # not planned
    found = row(toy, "quick")
    assert (found["done"], found["stale"], found["missing"]) == (4, 3, 5)
    assert (
        found["core_seconds_to_go"] == 4 * 8.0 + 4 * 2.0
    )  # as long as the same setting took; else the median


def test_what_is_done_costs_nothing(toy):
    grid = toy.experiment.grid["quick"]
    toy.file().append(toy.record(setting, seed) for setting in grid for seed in range(4))
    found = row(toy, "quick")
    assert (found["done"], found["missing"], found["core_seconds_to_go"]) == (12, 0, None)


def test_settings_are_told_apart_by_the_fields_that_vary(toy, settings):
    toy.experiment.grid["paper"] = [settings()]
    rows = setting_status({"toy": toy.experiment})
    assert [r["setting"] for r in rows if r["profile"] == "quick"] == [
        "size=1 slope=0.5", "size=2 slope=0.5", "size=3 slope=0.25",
    ]  # fmt: skip
    assert [r["setting"] for r in rows if r["profile"] == "paper"] == ["the default"]


def test_the_latest_record_of_a_benchmark_counts(toy):
    def benchmark(name, day, ratio):
        return Record(
            experiment="speed",
            profile="benchmarks",
            parameters={"name": name, "unit": "runs/s", "baseline": "the plain loop"},
            seed=day,
            metrics={"value": 10.0 * ratio, "baseline_value": 10.0, "ratio": ratio},
            curves={},
            provenance={
                "source": "s",
                "device": "a processor",
                "utc": f"2026-01-0{day}T00:00:00Z",
                "seconds": 1,
            },
        )

    assert benchmark_status() == []
    (toy.results / "benchmarks").mkdir(parents=True)
    (toy.results / "benchmarks" / "damaged.jsonl").write_text('{"experiment": "dam')
    with pytest.warns(DamagedRecord):
        assert benchmark_status() == []
    (toy.results / "benchmarks" / "damaged.jsonl").unlink()
    RecordFile(toy.results, "benchmarks", "speed").append(
        [benchmark("stack", 2, 1.9), benchmark("stack", 1, 1.5), benchmark("loop", 1, 1.0)]
    )
    assert benchmark_status() == [
        {"name": "stack", "unit": "runs/s", "baseline": "the plain loop", "value": 19.0, "baseline_value": 10.0, "ratio": 1.9,
         "hardware": "a processor", "utc": "2026-01-02T00:00:00Z"},
        {"name": "loop", "unit": "runs/s", "baseline": "the plain loop", "value": 10.0, "baseline_value": 10.0, "ratio": 1.0,
         "hardware": "a processor", "utc": "2026-01-01T00:00:00Z"},
    ]  # fmt: skip


def test_numbers_that_json_does_not_have_become_null():
    value = {"a": (nan, 1.5, -inf), "b": [{"c": inf, "d": "NaN"}, None, True, 3]}
    assert json_ready(value) == {"a": [None, 1.5, None], "b": [{"c": None, "d": "NaN"}, None, True, 3]}


# The scorecard's rows

CLAIM = """
- id: T-one
  title: A title
  where: section 1
  statement: It rises.
  reading: Literally.
  paper: [{value: 1.0, of: level, unit: none, source: table 1, setting: {size: 1}}]
  parts:
    - {says: Its upper end is low, experiment: toy, metric: level, where: {size: 1}, rule: threshold,
       below: 5.0, statistic: q90, matters: 0.5}
    - {says: It rises, experiment: toy, metric: level, over: size, rule: order, expect: increasing, matters: 1.0}
"""


@pytest.fixture
def claimed(toy, tmp_path, monkeypatch):
    """The toy with one claim about it, and eight seeds on record."""
    (tmp_path / "T.yaml").write_text(CLAIM)
    monkeypatch.setattr(scorecard, "load_claims", lambda: load_claims(tmp_path))
    monkeypatch.setattr(odds_cache, "LOCAL", tmp_path / "odds.json")
    grid = toy.experiment.grid["cpu"]
    toy.file(toy.results, "cpu").append(
        toy.record(s, seed, profile="cpu") for s in grid for seed in range(8)
    )
    return toy


def test_a_decision_is_a_row_of_strict_json(claimed):
    (decision,) = decide_all({"toy": claimed.experiment}, {})
    assert decision.headline.outcome.interval[1] == inf  # eight seeds do not bound a 90 % quantile
    found = strict(json.dumps(json_ready(summary(decision))))
    assert (found["id"], found["verdict"], found["n"], found["n_fewest"]) == ("T-one", "inconclusive", 8, 8)
    assert found["qualification"] == "1 of 2 parts"
    assert (found["profile"], found["device"], found["date"]) == ("cpu", "a processor", "2026-01-01")
    assert found["stale"] is False
    assert found["paper"] == [
        {"value": 1.0, "of": "level", "unit": "none", "source": "table 1", "setting": {"size": 1}}
    ]
    assert found["value"] == pytest.approx(1.04)
    assert found["interval"] == [pytest.approx(1.02), None]
    assert [part["verdict"] for part in found["parts"]] == ["inconclusive", "reproduced"]
    assert [part["headline"] for part in found["parts"]] == [True, False]
    assert [part["over"] for part in found["parts"]] == ["seeds", "seeds"]
    first, second = found["parts"]
    assert (first["power"], second["power"]) == (
        0.0,
        1.0,
    )  # eight seeds do not bound a quantile, and show a step
    assert first["false_confirmation"] == 0.0 and 0 <= second["false_confirmation"] <= 0.05
    assert found["parts"][1]["rule"].startswith("Reproduced if the metric is increasing")


def test_a_claim_without_records_is_a_row_too(claimed):
    (claimed.results / "cpu" / "toy.jsonl").unlink()
    (decision,) = decide_all({"toy": claimed.experiment}, {})
    found = strict(json.dumps(json_ready(summary(decision))))
    assert (found["verdict"], found["n"], found["value"]) == ("not run", 0, None)


def test_what_this_machine_measured_decides_nothing(claimed):
    grid = claimed.experiment.grid["quick"]
    claimed.file(claimed.runs).append(claimed.record(s, seed) for s in reversed(grid) for seed in range(6))
    assert decide_all({"toy": claimed.experiment}, {})[0].headline.profile == "cpu"
