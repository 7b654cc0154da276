"""Claims: what a file may say, which samples a part gets, and how a claim is decided."""

from dataclasses import replace

import numpy as np
import pytest

from wsbook.errors import StudyError
from wsbook.verdicts.claims import Claim, load_claims, parse_part
from wsbook.verdicts.decision import Decision, Evidence, decide, decide_part
from wsbook.verdicts.rules import Order, Outcome, Verdict
from wsbook.verdicts.scorecard import tables_in
from wsbook.verdicts.selection import matches, samples

CLAIM = """
- id: T-one
  title: A title
  where: section 1
  statement: It rises.
  reading: Literally.
  paper:
    - {value: 0.2, of: level, unit: none, source: table 1}
  parts:
    - {says: It rises, experiment: toy, metric: level, over: size, rule: order, expect: increasing}
"""

TWO_HEADLINES = (
    "    - {says: It rises, experiment: toy, metric: level, over: size, rule: order, expect: increasing, "
    "headline: true}\n"
)


@pytest.fixture
def claims(tmp_path):
    """A function that loads claims from the text of a file."""

    def load(text):
        (tmp_path / "T.yaml").write_text(text)
        return load_claims(tmp_path)

    return load


# Files


def test_a_claim_is_read_as_it_stands(claims):
    (claim,) = claims(CLAIM)
    assert (claim.id, claim.notebook) == ("T-one", "")
    assert (claim.paper[0].value, claim.paper[0].setting) == (0.2, {})
    part = claim.parts[0]
    assert part.rule == Order(expect="increasing")
    assert part.selection == {"metric": "level", "over": "size"}


def test_claims_stand_in_the_order_of_files_and_rows(tmp_path):
    (tmp_path / "B.yaml").write_text(CLAIM.replace("T-one", "B-1") + CLAIM.replace("T-one", "B-0"))
    (tmp_path / "A.yaml").write_text(CLAIM.replace("T-one", "A-9"))
    assert [claim.id for claim in load_claims(tmp_path)] == ["A-9", "B-1", "B-0"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{says: It rises", "{says: It: rises", "T.yaml, line 10: this is not valid YAML"),
        ("title: A title", "title: [A", "this is not valid YAML"),
        ("A title", "A \x07 title", "this is not YAML: "),
        (CLAIM, "", "must hold a list of claims"),
        (CLAIM, "id: T-one", "must hold a list of claims"),
        (CLAIM, "- T-one", "claim ?: a claim must be a mapping, not 'T-one'"),
        ("title:", "titel:", "claim T-one: a claim has no field 'titel'; its fields are id, title"),
        ("  title: A title\n", "", "claim T-one: a claim needs the field 'title'"),
        ("- id: T-one\n  title", "- title", "claim ?: a claim needs the field 'id'"),
        ("value: 0.2", "worth: 0.2", "claim T-one: a paper value has no field 'worth'"),
        ("of: level, ", "", "claim T-one: a paper value needs the field 'of'"),
        ("experiment: toy, ", "", "the part 'It rises' needs the field 'experiment'"),
        ("rule: order, ", "", "the part 'It rises' needs the field 'rule'"),
        ("metric: level, ", "", "needs one of metric, metrics and derived"),
        ("metric: level, ", "metric: level, derived: x, ", "needs one of metric, metrics and derived"),
        ("metric: level, ", "metric: a, metrics: [a, b], ", "needs one of metric, metrics and derived"),
        ("rule: order", "rule: ordre", "claim T-one: Unknown rule 'ordre'"),
        (", expect: increasing", "", "claim T-one: Rule 'order' lacks 'expect'"),
        ("expect: increasing", "expect: up", "claim T-one: Rule 'order': expect must be one of"),
        ("expect: increasing", "expect: increasing, band: 1", "Rule 'order' has no field 'band'"),
        ("    - {says: It rises", "    - x\n    - {says: It rises", "a part must be a mapping, not 'x'"),
        (CLAIM[CLAIM.index("    - {says") :], "", "claim T-one: its parts must be a list of at least one"),
        ("rule: order", "rule: order, control: 1", "part 'It rises': control must be true or false, not 1"),
        ("rule: order", "rule: order, control: true, since: after", "its headline must not be a control"),
        (
            "rule: order",
            "rule: order, since: once",
            "part 'It rises' must say `since: before` or `since: after`",
        ),
        ("rule: order", "rule: order, needs_scale: true", "part 'It rises' must say `since: before`"),
        (
            "rule: order, expect: increasing",
            "rule: value, paper: 1, band: 1",
            "part 'It rises' must say `since",
        ),
        ("  parts:", "  joint: true\n  parts:", "a joint claim must say since when"),
        (
            CLAIM[CLAIM.index("    - {says") :],
            2 * TWO_HEADLINES,
            "only one of its parts can be the headline",
        ),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(claims, old, new, message, one_sentence):
    assert old in CLAIM
    with pytest.raises(StudyError) as error:
        claims(CLAIM.replace(old, new))
    assert message in one_sentence(error.value)
    assert "T.yaml" in str(error.value)


def test_an_id_stands_once_in_all_files(tmp_path, one_sentence):
    for name in ("A.yaml", "B.yaml"):
        (tmp_path / name).write_text(CLAIM)
    with pytest.raises(StudyError, match="T-one stands twice") as error:
        load_claims(tmp_path)
    one_sentence(error.value)


# Samples


@pytest.fixture
def table(toy):
    """Three settings and five seeds of the toy, at the cpu profile."""
    grid = toy.experiment.grid["cpu"]
    toy.file(toy.results, "cpu").append(
        toy.record(s, seed, profile="cpu") for s in grid for seed in range(5)
    )
    return tables_in({"toy": toy.experiment}, toy.results)("toy", "cpu")


def part(rule="threshold", **fields):
    fields.setdefault("since", "before")
    if rule in ("order", "trend"):
        fields.setdefault("expect", "increasing")
    elif rule == "threshold":
        fields.setdefault("above", 0.0)
    return parse_part({"says": "It does", "experiment": "toy", "rule": rule, **fields})


def chosen(table, **fields):
    return samples(part(**fields), table, {"seeds": lambda table: table["seed"].to_numpy()})


def test_one_setting_gives_one_number_a_seed(table):
    array, used = chosen(table, metric="level", where={"size": 2})
    assert array == pytest.approx([2.0, 2.02, 2.04, 2.01, 2.03])
    assert set(used["size"]) == {2} and len(used) == 5


def test_columns_are_settings_in_the_order_of_the_claim(table):
    over, _ = chosen(table, rule="order", metric="level", over="size")
    assert over[1] == pytest.approx([1.02, 2.02, 3.02])
    listed, _ = chosen(table, rule="order", metric="level", settings=[{"size": 3}, {"size": 1}])
    assert listed[1] == pytest.approx([3.02, 1.02])
    narrowed, _ = chosen(
        table, rule="order", metric="half", where={"slope": 0.5}, settings=[{"size": 2}, {"size": 1}]
    )
    assert narrowed.shape == (5, 2)


def test_columns_are_the_planned_settings_that_the_part_is_about(table):
    table.attrs["planned"] = [
        {"size": 1, "slope": 0.5},
        {"size": 8, "slope": 0.5},
        {"size": 9, "slope": 7.0},
    ]
    over, _ = chosen(table, rule="order", metric="half", where={"slope": 0.5}, over="size")
    assert over.shape == (5, 2)
    assert np.isnan(over[:, 1]).all()  # planned and not recorded
    _, used = chosen(table, rule="order", metric="half", where={"slope": 3.0}, over="size")
    assert used.empty


def test_columns_may_be_metrics_of_one_setting(table):
    array, _ = chosen(table, rule="order", metrics=["half", "level"], where={"size": 3})
    assert array[1] == pytest.approx([0.25 / 3, 3.02])


def test_without_where_all_records_are_one_setting(table):
    only = table[table["size"] == 1]
    array, _ = chosen(only, rule="order", metrics=["half", "level"])
    assert array.shape == (5, 2)


def test_derived_samples_are_a_function_of_the_table(table):
    array, used = chosen(table, derived="seeds")
    assert len(array) == 15 and used is table


def test_rows_are_paired_by_seed_whatever_the_order_of_the_records(table):
    shuffled = table.sample(frac=1, random_state=0)
    array, _ = chosen(shuffled, rule="order", metric="level", over="size")
    assert np.ptp(array - [1, 2, 3], axis=1) == pytest.approx(np.zeros(5))


def test_a_number_that_is_not_one_is_a_diverged_run_and_a_missing_record_is_not(table):
    table.loc[(table["size"] == 1) & (table["seed"] == 0), "level"] = np.nan
    table = table[~((table["size"] == 2) & (table["seed"] == 1))]
    array, _ = chosen(table, rule="order", metric="level", over="size")
    assert array[0, 0] == np.inf and np.isnan(array[1, 1])
    assert np.isfinite(array[2:]).all()


def test_floats_match_within_rounding_and_other_values_exactly(table):
    assert matches(table["slope"], 0.1 + 0.4).sum() == 10
    assert matches(table["slope"], 0.2500001).sum() == 0
    assert matches(table["size"], 2).sum() == 5
    assert not matches(table["size"].astype(str), 0.5).any()


def test_an_ambiguous_selection_is_refused(table, one_sentence):
    with pytest.raises(StudyError, match="selects several settings with {'slope': 0.5}") as error:
        chosen(table, metric="level", where={"slope": 0.5})
    assert "'It does' of toy" in one_sentence(error.value)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"metric": "levle", "where": {"size": 1}}, "levle"),
        ({"metric": "level", "where": {"sise": 1}}, "sise"),
        ({"rule": "order", "metric": "level", "over": "sise"}, "sise"),
        ({"rule": "order", "metrics": ["level", "levle"], "where": {"size": 1}}, "levle"),
        ({"derived": "seads"}, "seads"),
    ],
)
def test_what_the_records_do_not_have_is_named(table, fields, name, one_sentence):
    with pytest.raises(StudyError, match=f"asks for '{name}'") as error:
        chosen(table, **fields)
    assert "'It does' of toy" in one_sentence(error.value)


# Decisions


def decided(toy, claim_part, **options):
    tables = tables_in({"toy": toy.experiment}, toy.results)
    return decide_part(claim_part, tables, {}, options.get("profiles", ("paper", "cpu")))


def fill(toy, profile, seeds=8, settings=None, **changes):
    grid = settings or toy.experiment.grid["cpu"]
    toy.file(toy.results, profile).append(
        toy.record(setting, seed, profile=profile, **changes) for setting in grid for seed in range(seeds)
    )


RISES = {"rule": "order", "metric": "level", "over": "size"}


def test_the_best_profile_with_records_decides_and_quick_never_does(toy):
    fill(toy, "quick")
    evidence = decided(toy, part(**RISES))
    assert evidence.outcome.verdict is Verdict.NOT_RUN
    assert "no record of toy at profile paper or cpu" in evidence.outcome.detail
    fill(toy, "cpu", device="a processor", utc="2026-01-02T00:00:00Z")
    evidence = decided(toy, part(**RISES))
    assert (evidence.outcome.verdict, evidence.profile) == (Verdict.REPRODUCED, "cpu")
    assert (evidence.device, evidence.date, evidence.outcome.n) == ("a processor", "2026-01-02", 8)
    fill(toy, "paper", seeds=6)
    assert (decided(toy, part(**RISES)).profile, decided(toy, part(**RISES)).outcome.n) == ("paper", 6)


def test_a_profile_that_is_still_being_measured_hides_no_other(toy):
    fill(toy, "paper", seeds=2)
    assert decided(toy, part(**RISES)).profile == "paper"  # where nothing else is known
    fill(toy, "cpu")
    assert (decided(toy, part(**RISES)).profile, decided(toy, part(**RISES)).outcome.n) == ("cpu", 8)
    fill(toy, "paper", seeds=6, settings=toy.experiment.grid["cpu"][:2])  # one setting has two seeds yet
    assert decided(toy, part(**RISES)).profile == "cpu"
    fill(toy, "paper", seeds=6)
    assert decided(toy, part(**RISES)).profile == "paper"


def test_a_value_below_the_paper_s_scale_is_partly_reproduced(toy):
    fill(toy, "cpu")
    small = part("value", metric="level", where={"size": 1}, paper=1.02, band=0.1)
    large = part("value", metric="level", where={"size": 2}, paper=2.02, band=0.1)
    assert decided(toy, small).outcome.verdict is Verdict.PARTLY
    assert decided(toy, large).outcome.verdict is Verdict.REPRODUCED


def test_evidence_from_other_code_is_marked(toy):
    fill(toy, "cpu")
    assert not decided(toy, part(**RISES)).stale
    toy.source = "tomorrow"
    evidence = decided(toy, part(**RISES))
    assert evidence.stale and evidence.outcome.verdict is Verdict.REPRODUCED


@pytest.mark.parametrize("recorded", [1, 2])
@pytest.mark.parametrize("rule", ["order", "trend"])
def test_while_some_settings_have_no_records_their_order_is_not_decided(toy, rule, recorded):
    fill(toy, "cpu", settings=toy.experiment.grid["cpu"][:recorded])
    outcome = decided(toy, part(rule, metric="level", over="size")).outcome
    assert outcome.verdict is Verdict.NOT_RUN
    assert "8 incomplete" in outcome.detail


def test_settings_outside_the_plan_do_not_count(toy, settings):
    fill(toy, "cpu", settings=[*toy.experiment.grid["cpu"], settings(9), settings(1, 0.9)])
    evidence = decided(toy, part(**RISES))
    assert evidence.outcome.verdict is Verdict.REPRODUCED and evidence.outcome.n == 8


def test_records_of_an_earlier_form_of_the_setting_do_not_count(toy):
    old = [
        replace(toy.record(seed=seed, profile="cpu"), parameters={"size": 1, "width": 2})
        for seed in range(5)
    ]
    toy.file(toy.results, "cpu").append(old)
    assert decided(toy, part(**RISES)).outcome.verdict is Verdict.NOT_RUN


def test_a_control_is_shown_and_does_not_count(toy):
    fill(toy, "cpu")
    control = part(metric="level", where={"size": 1}, above=9, control=True)
    assert control.label == "It does (a control)"
    claim = Claim("T", "", "", "", "", (part(**RISES), control))
    found = decide(claim, tables_in({"toy": toy.experiment}, toy.results), {})
    assert (found.qualification, found.fewest) == ("", 8)
    assert [e.outcome.verdict for e in found.evidence] == [Verdict.REPRODUCED, Verdict.NOT_REPRODUCED]
    assert found.verdict is Verdict.REPRODUCED


def test_an_unknown_experiment_is_named(toy, one_sentence):
    with pytest.raises(StudyError, match="names the experiment 'tay'") as error:
        decided(toy, replace(part(**RISES), experiment="tay"))
    one_sentence(error.value)


def test_the_verdict_on_a_claim_is_that_of_its_headline(toy, claims):
    fill(toy, "cpu")
    falls = "    - {says: It falls, experiment: toy, metric: level, over: size, rule: order, expect: decreasing%s}\n"
    tables = tables_in({"toy": toy.experiment}, toy.results)
    first, last = (decide(claims(CLAIM + falls % mark)[0], tables, {}) for mark in ("", ", headline: true"))
    assert [str(e.outcome.verdict) for e in first.evidence] == ["reproduced", "not reproduced"]
    assert first.headline is first.evidence[0] and last.headline is last.evidence[1]
    assert (first.verdict, first.qualification) == (Verdict.REPRODUCED, "1 of 2 parts")
    assert (last.verdict, last.qualification) == (Verdict.NOT_REPRODUCED, "1 of 2 parts")


def decision(*verdicts, n=5, **claim):
    """A decision whose parts have these verdicts; those after None are controls."""
    counted = verdicts.index(None) if None in verdicts else len(verdicts)
    evidence = []
    for number, verdict in enumerate(filter(None, verdicts)):
        control = part(metric="level", control=number >= counted)
        evidence.append(
            Evidence(control, Outcome(verdict, "", n=0 if verdict is Verdict.NOT_RUN else n + number))
        )
    parts = tuple(item.part for item in evidence)
    return Decision(Claim("T", "", "", "", "", parts, **claim), tuple(evidence))


YES, PARTLY, NO, OPEN, NOT_RUN = Verdict


def test_parts_that_were_not_run_are_counted_apart_and_change_no_verdict():
    found = decision(YES, YES, NO, NOT_RUN, NOT_RUN, None, NO)
    assert (found.verdict, found.qualification) == (YES, "2 of 3 parts, 2 not run")
    assert (found.headline.outcome.n, found.fewest) == (5, 5)
    assert decision(YES, NOT_RUN).verdict is YES
    assert decision(YES, NOT_RUN).qualification == "1 of 1 part, 1 not run"
    assert (decision(NOT_RUN, NOT_RUN).verdict, decision(NOT_RUN, NOT_RUN).qualification) == (NOT_RUN, "")
    assert decision(NOT_RUN, NOT_RUN).fewest == 0
    assert decision(YES).qualification == ""


def test_a_joint_claim_is_what_all_its_parts_come_to():
    assert decision(YES, NO, OPEN, joint=True).verdict is NO
    assert decision(YES, OPEN, joint=True).verdict is OPEN
    assert decision(YES, NOT_RUN, joint=True).verdict is OPEN
    assert decision(YES, YES, None, NO, joint=True).verdict is YES


def test_the_fewest_samples_are_those_of_parts_that_were_run_and_count():
    assert decision(YES, NO, NOT_RUN, n=7).fewest == 7
    assert decision(YES, None, NO, n=7).fewest == 7
