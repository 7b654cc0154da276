"""Claims: what a paper says, and the rules that decide it from records.

A claim file (claims/*.yaml) lists claims. Each has parts; a part names an experiment, picks samples
from its records and hands them to a rule (wsbook.verdicts.rules). Which samples:

    metric: NAME                  the column of the record table
    where: {field: value}         settings that the part is about
    over: field                   one column of samples for each value of this field, in order
    settings: [{...}, {...}]      one column for each; `where` applies to all
    metrics: [a, b]               one column for each metric of the same setting
    derived: NAME                 instead of all these: a function of the table (wsbook.catalogue)

A part with `control: true` is shown beside the claim and does not count for its verdict.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from wsbook.errors import StudyError
from wsbook.study.places import ROOT
from wsbook.study.planned import planned
from wsbook.verdicts.rules import Outcome, Rule, Verdict, combine, make_rule

CLAIMS = ROOT / "claims"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where PyYAML was built with it
SELECTION = ("metric", "where", "over", "settings", "metrics", "derived")
DECIDING = ("paper", "cpu")  # profiles whose records decide, best first; quick never does

Tables = Callable[[str, str], pd.DataFrame]  # (experiment, profile) -> records, as of `tables_in`
Derived = Mapping[str, Callable[[pd.DataFrame], np.ndarray]]


@dataclass(frozen=True)
class PaperValue:
    """A number as the paper prints it."""

    value: float
    of: str  # quantity
    unit: str
    source: str  # section, table or figure
    setting: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One testable statement of a claim."""

    says: str
    experiment: str
    rule: Rule
    selection: Mapping[str, Any]
    control: bool = False  # shown beside the claim, but not what it says: it does not count

    @property
    def label(self) -> str:
        """What it says, as tables name it."""
        return f"{self.says} (a control)" if self.control else self.says


@dataclass(frozen=True)
class Claim:
    """One row of the scorecard, before the evidence."""

    id: str
    title: str
    where: str  # section, figure or table of the paper
    statement: str  # what is claimed, in the paper's terms
    reading: str  # how an ambiguous statement was made testable
    parts: tuple[Part, ...]
    paper: tuple[PaperValue, ...] = ()
    notebook: str = ""  # stem of the notebook that shows the evidence
    joint: bool = False  # the claim is that every part holds, so that one refuted part refutes it


@dataclass(frozen=True)
class Evidence:
    """The outcome of one part, and what its records are."""

    part: Part
    outcome: Outcome
    profile: str = ""
    device: str = ""
    date: str = ""
    stale: bool = False


@dataclass(frozen=True)
class Decision:
    """A claim with its verdict and the evidence for it."""

    claim: Claim
    verdict: Verdict
    evidence: tuple[Evidence, ...]

    @property
    def headline(self) -> Evidence:
        """The part whose number stands in the scorecard: the first."""
        return self.evidence[0]


def load_claims(directory: Path = CLAIMS) -> list[Claim]:
    """All claims, in the order of the files and of the rows within.

    Raises
        StudyError: for a file that is not YAML, an unknown or missing field, or a repeated id.
    """
    claims = []
    for path in sorted(directory.glob("*.yaml")):
        try:
            rows = yaml.load(path.read_text(), LOADER)
        except yaml.MarkedYAMLError as error:
            place = f"{path}, line {error.problem_mark.line + 1}"
            raise StudyError(f"{place}: this is not valid YAML: {error.problem}.") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise StudyError(f"{path}: this is not YAML: {' '.join(str(error).split())}.") from error
        if not isinstance(rows, list):
            raise StudyError(f"{path} must hold a list of claims, each beginning with '- id:'.")
        claims += [parse_claim(row, path) for row in rows]
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise StudyError(f"the claim id {claim.id} stands twice in {directory}; rename one.")
        seen.add(claim.id)
    return claims


def parse_claim(row: Mapping[str, Any], path: Path) -> Claim:
    """One claim from its YAML mapping.

    Raises
        StudyError: for an unknown or missing field, or a rule that cannot be made; names the claim.
    """
    name = row.get("id", "?") if isinstance(row, Mapping) else "?"
    try:
        content = dict(known_fields(Claim, row))
        if not (isinstance(content["parts"], list) and content["parts"]):
            raise StudyError("its parts must be a list of at least one.")
        content["parts"] = tuple(parse_part(part) for part in content["parts"])
        if content["parts"][0].control:  # its number stands in the scorecard
            raise StudyError("its first part must not be a control.")
        content["paper"] = tuple(
            PaperValue(**known_fields(PaperValue, value)) for value in content.get("paper", ())
        )
        return Claim(**content)
    except StudyError as error:
        raise StudyError(f"{path}, claim {name}: {error}") from error


def known_fields(kind: type, row: Any) -> Mapping[str, Any]:
    """Return `row` if its keys are fields of the dataclass `kind` and those it needs are there."""
    what = {Claim: "a claim", PaperValue: "a paper value"}[kind]
    if not isinstance(row, Mapping):
        raise StudyError(f"{what} must be a mapping, not {row!r}.")
    needed = {f.name: f.default is MISSING and f.default_factory is MISSING for f in fields(kind)}
    for name in row:
        if name not in needed:
            raise StudyError(f"{what} has no field {name!r}; its fields are {', '.join(needed)}.")
    for name, must in needed.items():
        if must and name not in row:
            raise StudyError(f"{what} needs the field {name!r}.")
    return row


def parse_part(row: Mapping[str, Any]) -> Part:
    """One part from its YAML mapping; what is not selection goes to the rule."""
    if not isinstance(row, Mapping):
        raise StudyError(f"a part must be a mapping, not {row!r}.")
    content = dict(row)
    control = content.pop("control", False)
    for name in ("says", "experiment", "rule"):
        if name not in content:
            raise StudyError(f"the part {content.get('says', content)!r} needs the field {name!r}.")
    says, experiment, kind = (content.pop(name) for name in ("says", "experiment", "rule"))
    selection = {name: content.pop(name) for name in SELECTION if name in content}
    if sum(name in selection for name in ("metric", "metrics", "derived")) != 1:
        raise StudyError(f"part '{says}' needs one of metric, metrics and derived, and just one.")
    if not isinstance(control, bool):
        raise StudyError(f"part '{says}': control must be true or false, not {control!r}.")
    return Part(says, experiment, make_rule(kind, **content), selection, control)


def samples(part: Part, table: pd.DataFrame, derived: Derived) -> tuple[np.ndarray, pd.DataFrame]:
    """The samples of a part, shaped as its rule wants them, and the records they come from.

    A metric that was recorded as NaN is a diverged run and becomes inf; a missing record is NaN.

    Raises
        StudyError: if a selection matches several settings, or names what the records do not have.
    """
    selection = part.selection
    if "derived" in selection:
        check_names(part, [selection["derived"]], derived, "there are no such derived samples")
        return derived[selection["derived"]](table), table
    columns = column_selections(part, table)
    if not columns:  # no planned setting is what the part is about
        return np.empty((0, 0)), table[:0]
    series, used = [], []
    for where, metric in columns:
        check_names(part, [*where, metric], table, "its records have no such field")
        rows = table[selects(table, where)]
        if rows["seed"].duplicated().any():
            raise StudyError(
                f"part '{part.says}' of {part.experiment} selects several settings with {where}; "
                "name more of their fields in the claim file."
            )
        series.append(rows.set_index("seed")[metric].fillna(np.inf).rename(len(series)))
        used.append(rows)
    array = pd.concat(series, axis=1).to_numpy(dtype=float)
    single = part.rule.columns == (0, 0)
    return (array[:, 0] if single else array), pd.concat(used)


def check_names(part: Part, names: Iterable[str], known: Container[str], problem: str) -> None:
    """Raise a StudyError at the first name that is not known."""
    for name in names:
        if name not in known:
            raise StudyError(
                f"part '{part.says}' of {part.experiment} asks for {name!r}, but {problem}; "
                "mend the claim file."
            )


def column_selections(part: Part, table: pd.DataFrame) -> list[tuple[dict[str, Any], str]]:
    """(where, metric) of every column of samples."""
    selection, base = part.selection, dict(part.selection.get("where", {}))
    if "metrics" in selection:
        return [(base, metric) for metric in selection["metrics"]]
    if "settings" in selection:
        return [({**base, **setting}, selection["metric"]) for setting in selection["settings"]]
    if "over" in selection:
        check_names(part, [selection["over"]], table, "its records have no such field")
        settings = planned(table)  # also what has no records is a column
        values = sorted(set(settings[selects(settings, base)][selection["over"]]))
        return [({**base, selection["over"]: value}, selection["metric"]) for value in values]
    return [(base, selection["metric"])]


def selects(table: pd.DataFrame, where: Mapping[str, Any]) -> np.ndarray:
    """Rows (n,) whose fields have the values of `where`; a field that the table lacks is not asked."""
    keep = np.ones(len(table), dtype=bool)
    for name, value in where.items():
        if name in table:
            keep &= matches(table[name], value)
    return keep


def matches(column: pd.Series, value: Any) -> pd.Series:
    """Rows equal to `value`; floats within rounding."""
    if isinstance(value, float) and pd.api.types.is_numeric_dtype(column):
        return np.isclose(column.astype(float), value, rtol=1e-9, atol=0)
    return column == value


def decide(
    claim: Claim, tables: Tables, derived: Derived, profiles: tuple[str, ...] = DECIDING
) -> Decision:
    """The verdict on a claim by the records of the best profile that has any, part by part."""
    evidence = tuple(decide_part(part, tables, derived, profiles) for part in claim.parts)
    counting = [item.outcome for item in evidence if not item.part.control]
    return Decision(claim, combine(counting, claim.joint), evidence)


def decide_part(part: Part, tables: Tables, derived: Derived, profiles: tuple[str, ...]) -> Evidence:
    """Apply the rule of one part; `not run` where no profile has records."""
    for profile in profiles:
        table = tables(part.experiment, profile)
        if table.empty:
            continue
        array, used = samples(part, table, derived)
        if used.empty or not array.size:
            continue
        outcome = part.rule.decide(array, 0, paper_scale=bool(used["paper_scale"].all()))
        devices = ", ".join(sorted(used["device"].unique()))
        return Evidence(part, outcome, profile, devices, used["utc"].max()[:10], bool(used["stale"].any()))
    reason = f"no record of {part.experiment} at profile {' or '.join(profiles)}"
    return Evidence(part, Outcome(Verdict.NOT_RUN, reason))
