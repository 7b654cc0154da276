"""The scorecard: every claim decided by the committed records, and this machine's runs beside them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from wsbook.errors import StudyError
from wsbook.study.collect import frame, load
from wsbook.study.experiment import Experiment, parameters
from wsbook.study.places import RESULTS
from wsbook.study.planned import plan_for
from wsbook.study.record import cell_key
from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.decision import Decision, Evidence, Tables, decide
from wsbook.verdicts.odds_cache import odds_of
from wsbook.verdicts.selection import Derived

Experiments = Mapping[str, Experiment]


def tables_in(experiments: Experiments, *directories: Path) -> Tables:
    """A cached look-up of record tables by (experiment, profile) in the given directories.

    Holds planned settings only: neither what a notebook tried nor what an earlier plan left behind.
    Raises StudyError for an unknown experiment.
    """

    @cache
    def table(name: str, profile: str) -> pd.DataFrame:
        if name not in experiments:
            raise StudyError(
                f"a claim names the experiment {name!r}, which does not exist; "
                f"there are {', '.join(experiments)}."
            )
        experiment = experiments[name]
        records = load(experiment, profile, *directories)
        if not records:  # the plan of a profile can be long, and nothing asks for it
            return frame([], experiment)
        settings = [parameters(setting) for setting in experiment.grid.get(profile, ())]
        keys = {cell_key(setting, 0) for setting in settings}
        return plan_for(
            frame([r for r in records if cell_key(r.parameters, 0) in keys], experiment), settings
        )

    return table


def decide_all(experiments: Experiments, derived: Derived) -> list[Decision]:
    """Every claim, decided by the committed records."""
    tables = tables_in(experiments, RESULTS)
    return [decide(claim, tables, derived) for claim in load_claims()]


def summary(decision: Decision) -> dict[str, object]:
    """A decision as a flat, JSON-ready row."""
    claim, head = decision.claim, decision.headline
    return {
        "id": claim.id,
        "title": claim.title,
        "where": claim.where,
        "verdict": str(decision.verdict),
        "qualification": decision.qualification,
        "n": head.outcome.n,
        "n_fewest": decision.fewest,
        "profile": head.profile,
        "device": head.device,
        "date": head.date,
        "stale": any(item.stale for item in decision.evidence),
        "paper": [vars(value) for value in claim.paper],
        "value": head.outcome.estimate,
        "interval": head.outcome.interval,
        "parts": [part_summary(item, item is head) for item in decision.evidence],
    }


def part_summary(item: Evidence, headline: bool) -> dict[str, object]:
    """One part of a claim as a JSON-ready row."""
    odds = odds_of(item)
    return {
        "says": item.part.says,
        "headline": headline,
        "control": item.part.control,
        "experiment": item.part.experiment,
        "rule": item.part.rule.describe(),
        "verdict": str(item.outcome.verdict),
        "n": item.outcome.n,
        "value": item.outcome.estimate,
        "interval": item.outcome.interval,
        "over": item.part.replicates,
        "p": item.outcome.p,
        "false_confirmation": odds and odds.false_confirmation,
        "power": odds and odds.power,
        "since": item.part.since,
        "detail": item.outcome.detail,
        "profile": item.profile,
        "stale": item.stale,
    }
