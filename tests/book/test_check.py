"""`wsbook check`: the repository passes, and each kind of fault is named."""

import json
import shutil
from dataclasses import replace

import pytest

from wsbook.book import check
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.study.places import RESULTS
from wsbook.study.record import parse
from wsbook.verdicts import odds_cache


def test_the_repository_is_in_order():
    assert check.problems(EXPERIMENTS, DERIVED) == []


@pytest.fixture
def results(tmp_path):
    (tmp_path / "cpu").mkdir()
    shutil.copy(RESULTS / "cpu" / "a-bands.jsonl", tmp_path / "cpu")
    return tmp_path


def test_a_damaged_record_is_named_with_its_line(results):
    path = results / "cpu" / "a-bands.jsonl"
    lines = path.read_text().splitlines()
    lines[2] = lines[2].replace('"seed":2', '"seed":3')
    path.write_text("\n".join(lines) + "\n")
    (found,) = check.record_problems(EXPERIMENTS, results)
    assert "a-bands.jsonl, line 3" in found and "digest" in found


def test_records_of_no_experiment_are_named(results):
    (results / "cpu" / "a-bands.jsonl").rename(results / "cpu" / "a-gone.jsonl")
    (found,) = check.record_problems(EXPERIMENTS, results)
    assert "there is no experiment a-gone" in found


@pytest.fixture
def claimed(tmp_path):
    """Write a claim with one part, and say what is wrong with it."""

    def problems(notebook, **part):
        claim = {
            "id": "Z", "title": "t", "where": "w", "statement": "s", "reading": "r", "notebook": notebook,
            "parts": [{"says": "p", "rule": "threshold", "below": 1.0} | part],
        }  # fmt: skip
        (tmp_path / "Z.yaml").write_text(json.dumps([claim]))
        return list(check.claim_problems(EXPERIMENTS, DERIVED, tmp_path))

    return problems


def test_claims_that_name_what_is_not_there_are_named(claimed):
    found = " ".join(claimed("Z9_none", experiment="a-none", derived="no-such"))
    assert all(word in found for word in ("Z9_none", "a-none", "no-such"))


def test_a_claim_about_a_metric_that_no_record_has_is_named(claimed):
    (found,) = claimed("A2_momentum", experiment="a-bands", metric="no-such")
    assert found.startswith("claim Z cannot be decided") and "'no-such'" in found


def test_odds_that_are_not_committed_are_counted(monkeypatch, tmp_path):
    monkeypatch.setattr(odds_cache, "COMMITTED", tmp_path / "odds.json")
    monkeypatch.setattr(odds_cache, "simulated", lambda item: None)
    monkeypatch.setattr(odds_cache, "LOCAL", tmp_path / "here.json")
    decisions = check.decide_all(EXPERIMENTS, DERIVED)[:2]
    (found,) = check.odds_problems(decisions)
    assert f"lacks the odds of {sum(len(d.counted) for d in decisions)} parts" in found


def test_a_part_that_is_no_test_is_named_with_its_claim():
    decision = next(d for d in check.decide_all(EXPERIMENTS, DERIVED) if d.claim.id == "C-recon")
    silent = [replace(item, part=replace(item.part, stands="")) for item in decision.evidence]
    (found,) = check.odds_problems([replace(decision, evidence=tuple(silent))])
    assert found.startswith(
        "claim C-recon, part '75.75 % at h = 120': it would be confirmed with a chance of 0.0"
    )


def test_a_record_in_the_file_of_another_experiment_is_named(results):
    (results / "cpu" / "a-bands.jsonl").rename(results / "cpu" / "a-batch.jsonl")
    found = list(check.record_problems(EXPERIMENTS, results))
    assert len(found) == 50 and all("it belongs in cpu/a-bands.jsonl; skipped" in each for each in found)


def test_a_name_for_two_things_is_named(results):
    path = results / "cpu" / "a-bands.jsonl"
    record = parse(path.read_text().splitlines()[0])
    clash = replace(record, metrics={**record.metrics, next(iter(record.parameters)): 1.0})
    path.write_text(clash.line())
    (found,) = check.record_problems(EXPERIMENTS, results)
    assert f"{next(iter(record.parameters))} names two things" in found


def test_contents_and_links_that_lead_nowhere_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(check, "notebook_names", list)
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text(
        "root: book/index\nchapters:\n  - file: book/gone\n  - file: book/executed/A9\n"
    )
    (tmp_path / "book" / "index.md").write_text(
        "[a](there.md) [b](https://example.org) [c](generated/x.md) [d](index.md)"
    )
    (tmp_path / "README.md").write_text("")
    contents = list(check.contents_problems(tmp_path))
    assert len(contents) == 2 and "book/gone.md" in contents[0] and "A9" in contents[1]
    assert list(check.link_problems(tmp_path)) == ["book/index.md: the link to there.md leads nowhere."]
