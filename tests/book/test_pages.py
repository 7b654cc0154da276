"""Computed pages: badges, recaps, agreement with the records, and the scorecard."""

import re
from collections import Counter
from dataclasses import replace
from html import escape
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from wsbook.book.pages import agreement, badge, committed, paper_lines, paper_values, recap
from wsbook.book.pages.badge import duration
from wsbook.book.pages.findings import findings_page
from wsbook.book.pages.provenance import data_rows
from wsbook.book.pages.recap import measured
from wsbook.book.pages.scorecard import overview, scorecard_page
from wsbook.book.pages.store import stored
from wsbook.book.pages.summary import summary_page
from wsbook.book.pages.verdict_map import map_page
from wsbook.catalogue import EXPERIMENTS
from wsbook.errors import StudyError
from wsbook.study.collect import load
from wsbook.study.places import RESULTS
from wsbook.study.record import RecordFile
from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.multiplicity import family
from wsbook.verdicts.rules import Outcome, Verdict

MOMENTUM = EXPERIMENTS["a-momentum"]


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return committed(MOMENTUM)


def test_durations_read_as_a_person_says_them():
    said = [duration(x) for x in (0.44, 38, 700, 9000)]
    assert said == ["0.4 s", "38 s", "12 min", "2.5 h"]


def test_a_badge_counts_runs_and_seeds_and_says_when_something_is_stale(records):
    few = records[records.seed < 3]
    assert badge(few).text == f"{len(few)} runs, 3 seeds, profile cpu"
    assert "stale" not in badge(few.assign(stale=False)).html
    assert "stale" in badge(few.assign(stale=True)).html


def test_records_agree_with_themselves_and_one_changed_number_is_named(records):
    few = records[records.seed < 2]
    said = agreement(MOMENTUM, few).text
    assert f"{len(few)} of this run's {len(few)} cells" in said
    for column in ("test_error", "train_curve"):
        changed = few.copy()
        first = changed.index[0]
        value = changed.at[first, column]
        changed.at[first, column] = (
            (np.array(value) * 1.01).tolist() if isinstance(value, list) else value * 1.01
        )
        with pytest.raises(StudyError, match="differs from the committed records"):
            agreement(MOMENTUM, changed)
    changed = few.assign(seconds=few.seconds * 2, device="another")
    assert agreement(MOMENTUM, changed).text == said


def test_nothing_compared_is_no_agreement(records):
    few = records[records.seed < 2]
    with pytest.raises(StudyError, match="there is no tset_error to compare"):
        agreement(MOMENTUM, few, metrics=["test_error", "tset_error"])
    said = agreement(MOMENTUM, few.assign(seed=few.seed + 10**6)).text
    assert said == f"a-momentum: none of this run's {len(few)} cells is among the committed records."


def test_a_run_is_compared_with_reference_runs_on_which_no_verdict_rests(monkeypatch, tmp_path, records):
    here = records[records.seed < 2].assign(profile="quick")
    one = replace(load(MOMENTUM, "cpu", RESULTS)[0], profile="quick")
    module = import_module("wsbook.book.pages.agreement")  # the package has a function of this name
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    monkeypatch.setattr(module, "REFERENCE", tmp_path / "reference")
    assert "nothing is recorded" in agreement(MOMENTUM, here).text
    RecordFile(tmp_path / "reference", "quick", MOMENTUM.name).append([one])
    assert f"1 of this run's {len(here)} cells" in agreement(MOMENTUM, here).text
    assert committed(MOMENTUM).empty


def test_a_recap_shows_both_columns_and_uses_only_the_tables_it_is_given(records):
    here = records[records.seed < 8].assign(profile="quick")
    shown = recap("A-fig1", {"a-momentum": here})
    assert "(50\N{NO-BREAK SPACE}seeds)" in shown.text and "(8\N{NO-BREAK SPACE}seeds)" in shown.text
    for part in next(c for c in load_claims() if c.id == "A-fig1").parts:
        assert part.says in shown.text


def test_paper_values_come_from_the_claims():
    assert paper_values("A-fig1", "beta1") == {0.7: 0.22, 0.99: 0.33}
    assert paper_values("A-fig3", "optimiser", of="train error") == {"adamw": 0.16}
    assert set(paper_lines("A-headline").values()) == {0.15, 0.22}


def test_estimates_without_an_interval_do_not_show_one(decisions):
    item = next(d for d in decisions if d.claim.id == "C-recon").headline
    bare = replace(item, outcome=replace(item.outcome, n=2, estimate=0.5, interval=(-np.inf, np.inf)))
    assert measured(bare).text == "50\N{NO-BREAK SPACE}% (2\N{NO-BREAK SPACE}seeds)"
    assert measured(replace(item, outcome=Outcome(Verdict.NOT_RUN, ""))).text == "–"


def test_the_scorecard_has_one_row_a_claim_and_every_rule_in_words(decisions):
    html = overview(decisions)
    assert html.count("<tr data-paper=") == len(decisions)
    page = scorecard_page(decisions)
    for decision in decisions:
        anchor = decision.claim.id.lower()
        assert f"(claim-{anchor})=" in page and decision.claim.statement in page
        assert f'{decision.claim.notebook}.html#recap-{anchor}"' in page
        for number, item in enumerate(decision.evidence, 1):
            assert escape(item.part.rule.describe()) in page
            assert page.count(f'id="part-{anchor}-{number}"') == 1


def test_the_scorecard_shows_odds_and_what_came_after_the_records(decisions):
    page, head = scorecard_page(decisions), overview(decisions)
    for column in ("By chance", "Power"):
        assert f'<th scope="col">{column}</th>' in head and f'<th scope="col">{column}</th>' in page
    surpass = page.split("(claim-c-surpass)=")[1].split("(claim-")[0]
    assert '<td data-label="Power" data-sort="0.2' in surpass and ">0.23</div>" in surpass
    assert "(a control, set after its records)" in surpass and "(3\N{NO-BREAK SPACE}test" in surpass
    assert "All parts must hold, which was decided after the records." in page.split("(claim-b-arch)=")[1]
    assert (
        "All parts must hold, which was decided before the records."
        in page.split("(claim-b-arch-steps)=")[1]
    )


def test_a_part_that_would_not_survive_among_all_tests_is_marked(decisions):
    page = scorecard_page(decisions)
    frail = [test for test in family(decisions) if test.frail]
    assert frail and page.count(' † <a class="ws-anchor"') == len(frail)
    assert "## Many tests at once" in page


def test_the_chip_says_how_many_parts_share_the_verdict(decisions, records):
    claim = next(decision for decision in decisions if decision.claim.id == "C-fig1")
    text = f"{claim.verdict}, {claim.qualification}"
    assert re.fullmatch(r"reproduced, \d of \d parts, \d not run", text)
    assert f"<small>{claim.qualification}</small>" in overview([claim])
    assert f'aria-label="{text}"' in map_page([claim])
    shown = recap("A-fig1", {"a-momentum": records[records.seed < 2].assign(profile="quick")})
    assert ">partly, 1 of 5 parts</span>" in shown.html and "— partly, 1 of 5 parts" in shown.text


def test_every_claim_of_paper_a_has_a_verdict_on_thirty_seeds_or_more(decisions):
    for decision in (d for d in decisions if d.claim.id.startswith("A-")):
        assert decision.verdict is not Verdict.NOT_RUN, decision.claim.id
        for item in decision.evidence:
            enough = 5 if item.part.experiment.startswith("a-real") else 30
            assert item.outcome.n >= enough, (decision.claim.id, item.part.says)


def test_no_verdict_rests_on_stale_records(decisions):
    stale = {(d.claim.id, item.part.experiment) for d in decisions for item in d.evidence if item.stale}
    assert not stale


def test_findings_count_all_claims(decisions):
    text = findings_page(decisions)
    assert text.startswith(f"Of {len(decisions)} claims so far:")
    assert sum(int(count) for count in re.findall(r"(\d+) [a-z]+", text.split(":")[1])) == len(decisions)


def test_the_provenance_page_names_what_records_were_measured_on():
    records = RecordFile(RESULTS, "cpu", "a-real-kernels").read()
    networks = Counter(record.provenance["data"]["resnet20"] for record in records)
    rows = data_rows().query("Data == 'resnet20'")
    assert dict(zip(rows.Fingerprint, rows.Runs)) == networks and networks


def test_stored_notebooks_keep_outputs_and_tags_but_no_times_paths_or_injected_cells():
    cell = {"cell_type": "code", "source": "x", "outputs": [{"data": {}}], "execution_count": 1,
            "metadata": {"tags": ["parameters"], "papermill": {"duration": 1.0}}}  # fmt: skip
    injected = cell | {"metadata": {"tags": ["injected-parameters"]}}
    kept = {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}}
    document = {"cells": [cell, injected], "metadata": kept | {"papermill": {"input_path": "/somewhere"}}}
    found = stored(document)
    assert found["metadata"] == kept
    assert found["cells"] == [cell | {"metadata": {"tags": ["parameters"]}}]


def test_a_summary_says_what_was_found_and_how_sure_it_is(decisions):
    headline = next(decision for decision in decisions if decision.claim.id == "A-headline")
    page = summary_page([headline])
    assert page.count('class="ws-entry"') == 1
    assert headline.claim.title in page and 'href="../generated/scorecard.html#claim-a-headline"' in page
    assert "at the paper&#x27;s scale · confirmed by chance 0.02 · power 0.99" in page


def test_a_summary_of_what_was_not_run_claims_no_scale(decisions):
    missing = next(decision for decision in decisions if not decision.headline.ran)
    page = summary_page([missing])
    assert "not run; the paper profile runs it" in page and "scale" not in page


def test_a_page_without_claims_says_so():
    assert "No claim is decided" in summary_page([])
