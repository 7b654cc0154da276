"""Claims: what a paper says, and the rules that decide it from records.

A claim file (claims/*.yaml) lists claims. Each has parts; a part names an experiment, picks samples from its records
(wsbook.verdicts.selection) and hands them to a rule (wsbook.verdicts.rules). One part is the headline: the sentence by which
the paper would be quoted, and whose verdict is the claim's. It is the first that counts, unless another says
`headline: true`. A part with `control: true` is shown beside the claim and does not count.

What shields a claim from refutation says when it was set, `since: before` or `since: after` the records that it is
decided by: a control, `needs_scale` and a band say so on the part, `joint` on the claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from wsbook.errors import StudyError
from wsbook.study.places import ROOT
from wsbook.verdicts.rules import Rule, Value, make_rule

CLAIMS = ROOT / "claims"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where PyYAML was built with it
SELECTION = ("metric", "where", "over", "settings", "metrics", "derived")
SINCE = ("", "before", "after")  # its records
TOPICS = (
    "reconstruction", "generation", "training", "scaling", "distillation", "storage", "smoothing", "landscape",
    "robustness",
)  # fmt: skip


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
    headline: bool = False  # its verdict is the claim's
    since: str = ""  # of SINCE: when the rule, or what shields the part from refutation, was set
    replicates: str = "seeds"  # what differs between samples, over which the interval generalises
    placebo: Mapping[str, Any] = field(
        default_factory=dict
    )  # what to select where there is nothing to find
    effect: float | Sequence[float] | None = None  # as the paper prints it, see Rule.effect_samples
    matters: float | None = None  # the smallest effect that matters, where the paper prints none
    stands: str = ""  # why it does although hardly anything could confirm or refute it

    @property
    def label(self) -> str:
        """What it says, as tables name it: with whether it counts, and whether its rule came after its records."""
        notes = ["a control"] * self.control + ["set after its records"] * (self.since == "after")
        return f"{self.says} ({', '.join(notes)})" if notes else self.says

    @property
    def shielded(self) -> bool:
        """Whether the part leaves room to choose when its records are known: it must say since when it stands."""
        return self.control or self.rule.needs_scale or isinstance(self.rule, Value)


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
    topic: str = TOPICS[0]  # what it is about, by which readers find it
    joint: bool = False  # the claim is that every part holds, so that one refuted part refutes it
    since: str = ""  # of SINCE: when `joint` was set
    matters: float | None = None  # as of a part, for those of its parts that do not say

    @property
    def headline(self) -> int:
        """Which part it is quoted by: the one that says so, or the first that counts."""
        marked = [number for number, part in enumerate(self.parts) if part.headline]
        return marked[0] if marked else [part.control for part in self.parts].index(False)


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
        check_headline(content["parts"])
        if content.get("topic", TOPICS[0]) not in TOPICS:
            raise StudyError(f"its topic {content['topic']!r} is none of {', '.join(TOPICS)}.")
        if content.get("joint") and not content.get("since"):
            raise StudyError(
                "a joint claim must say since when: `since: before` or `since: after` its records."
            )
        content["parts"] = tuple(
            replace(part, matters=content.get("matters") if part.matters is None else part.matters)
            for part in content["parts"]
        )
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


def check_headline(parts: Sequence[Part]) -> None:
    """Raise a StudyError unless there is one headline at most, and it counts."""
    if sum(part.headline for part in parts) > 1:
        raise StudyError("only one of its parts can be the headline.")
    if all(part.control for part in parts) or any(part.control and part.headline for part in parts):
        raise StudyError("its headline must not be a control.")


def parse_part(row: Mapping[str, Any]) -> Part:
    """One part from its YAML mapping; what is neither selection nor a field of the part goes to the rule."""
    if not isinstance(row, Mapping):
        raise StudyError(f"a part must be a mapping, not {row!r}.")
    content = dict(row)
    for name in ("says", "experiment", "rule"):
        if name not in content:
            raise StudyError(f"the part {content.get('says', content)!r} needs the field {name!r}.")
    says, experiment, kind = (content.pop(name) for name in ("says", "experiment", "rule"))
    selection = {name: content.pop(name) for name in SELECTION if name in content}
    if sum(name in selection for name in ("metric", "metrics", "derived")) != 1:
        raise StudyError(f"part '{says}' needs one of metric, metrics and derived, and just one.")
    own = {f.name: content.pop(f.name) for f in fields(Part)[4:] if f.name in content}
    for name in ("control", "headline"):
        if not isinstance(own.get(name, False), bool):
            raise StudyError(f"part '{says}': {name} must be true or false, not {own[name]!r}.")
    part = Part(says, experiment, make_rule(kind, **content), selection, **own)
    if part.since not in SINCE or (part.shielded and not part.since):
        raise StudyError(f"part '{says}' must say `since: before` or `since: after` its records.")
    return part
