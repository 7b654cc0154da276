"""Validate what a build would only stumble over: records, claims, notebooks, contents, links."""

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from wsbook.book.dependencies import NOTEBOOKS, notebook_names, read_notebook
from wsbook.book.pages.stories import story_problems
from wsbook.errors import StudyError
from wsbook.study.experiment import Experiment
from wsbook.study.fingerprint import raw_fingerprint
from wsbook.study.places import REFERENCE, RESULTS, ROOT
from wsbook.study.record import DamagedRecord, Record, RecordFile
from wsbook.verdicts.claims import CLAIMS, Part, load_claims
from wsbook.verdicts.decision import DECIDING, Decision, Evidence, Tables
from wsbook.verdicts.odds import CONFIRMABLE, REFUTABLE
from wsbook.verdicts.odds_cache import COMMITTED, missing_odds, odds_of
from wsbook.verdicts.scorecard import Experiments, decide_all, tables_in
from wsbook.verdicts.selection import Derived, samples
from wsbook.verdicts.status import BENCHMARKS

GENERATED = "book/generated/"
EXECUTED = "book/executed/"
LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def problems(experiments: Experiments, derived: Derived) -> list[str]:
    """One sentence for each thing that is not in order; an empty list if all is well."""
    return [
        *code_problems(experiments),
        *record_problems(experiments, RESULTS),
        *record_problems(experiments, REFERENCE),
        *claim_problems(experiments, derived, CLAIMS),
        *decided_problems(experiments, derived),
        *(
            problem
            for name in notebook_names()
            for problem in notebook_problems(NOTEBOOKS / f"{name}.ipynb")
        ),
        *contents_problems(ROOT),
        *link_problems(ROOT),
    ]


def code_problems(experiments: Experiments) -> Iterator[str]:
    """Experiments whose code refers to what cannot be found by reading, so that nobody could tell when it changes."""
    for name, experiment in experiments.items():
        try:
            raw_fingerprint(experiment.measure, experiment.kind)
        except StudyError as error:
            yield f"{name}: {error}"


def record_problems(experiments: Experiments, directory: Path) -> Iterator[str]:
    """Damaged lines, records of no experiment, and parameters that the experiment refuses."""
    for path in sorted(directory.glob("*/*.jsonl")):
        profile, name = path.parent.name, path.stem
        if profile != BENCHMARKS and name not in experiments:
            yield f"{path}: there is no experiment {name}; remove the file or restore the experiment."
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DamagedRecord)
            records = RecordFile(directory, profile, name).read()
        yield from (str(warning.message) for warning in caught)
        if profile != BENCHMARKS:
            yield from setting_problems(path, records, experiments[name])
            yield from name_problems(path, records)


def setting_problems(path: Path, records: Sequence[Record], experiment: Experiment) -> Iterator[str]:
    """Records whose parameters do not make a setting of today's experiment."""
    for parameters in {json.dumps(record.parameters): record.parameters for record in records}.values():
        try:
            experiment.kind(**parameters)
        except (TypeError, StudyError) as error:
            yield f"{path}: parameters that {experiment.name} does not take: {error}"


def name_problems(path: Path, records: Sequence[Record]) -> Iterator[str]:
    """Names that two of parameters, metrics and curves share: a table has one column for them."""
    shared: set[str] = set()
    for record in records:
        names = [*record.parameters, *record.metrics, *record.curves]
        shared |= {name for name in names if names.count(name) > 1}
    if shared:
        yield f"{path}: {', '.join(sorted(shared))} names two things of one record; rename one of them."


def claim_problems(experiments: Experiments, derived: Derived, directory: Path) -> Iterator[str]:
    """Claims that cannot be read, or name an experiment, notebook, metric or derived sample that is not there."""
    try:
        claims = load_claims(directory)
    except StudyError as error:
        yield str(error)
        return
    tables = tables_in(experiments, RESULTS)
    for claim in claims:
        if claim.notebook not in notebook_names():
            yield f"claim {claim.id} names the notebook {claim.notebook!r}, which does not exist."
        for part in claim.parts:
            yield from (
                f"claim {claim.id} {problem}"
                for problem in part_problems(part, experiments, derived, tables)
            )


def part_problems(part: Part, experiments: Experiments, derived: Derived, tables: Tables) -> Iterator[str]:
    """What is wrong with one part of a claim, by name or as soon as samples are taken from its records."""
    named = [("experiment", part.experiment, experiments)]
    if "derived" in part.selection:
        named.append(("derived samples", part.selection["derived"], derived))
    unknown = [
        f"names the {what} {name!r}, not known here." for what, name, known in named if name not in known
    ]
    if unknown:
        yield from unknown
        return
    try:
        for table in (tables(part.experiment, profile) for profile in DECIDING):
            if len(table):
                samples(part, table, derived)
    except StudyError as error:
        yield f"cannot be decided: {error}"


def decided_problems(experiments: Experiments, derived: Derived) -> Iterator[str]:
    """What is wrong with odds and stories, where claims can be decided."""
    try:
        decisions = decide_all(experiments, derived)
    except StudyError:  # which `claim_problems` names
        return
    yield from odds_problems(decisions)
    yield from story_problems(decisions)


def odds_problems(decisions: Sequence[Decision]) -> Iterator[str]:
    """Parts that nothing could confirm or refute, and odds that are not committed."""
    for decision in decisions:
        for item in decision.counted:
            yield from (
                f"claim {decision.claim.id}, part '{item.part.says}': {said}" for said in untested(item)
            )
    if missing := len(missing_odds(decisions)):
        yield f"{COMMITTED} lacks the odds of {missing} parts; run `wsbook odds` and commit it."


def untested(item: Evidence) -> Iterator[str]:
    """Why a part is no test, unless it says why it stands."""
    odds = odds_of(item)
    if odds is None or item.part.stands:
        return
    if odds.false_confirmation > REFUTABLE:
        yield (
            f"it would be confirmed with a chance of {odds.false_confirmation:.3g} if there were nothing to find; "
            "mend its rule, or say in `stands` why it does."
        )
    if odds.power is None:
        yield "no effect is stated that it should see; give `effect`, of the paper, or `matters`."
    elif odds.power < CONFIRMABLE:
        yield (
            f"it would be confirmed with a chance of {odds.power:.3g} if the effect were there; "
            "mend its rule, or say in `stands` why it does."
        )


def notebook_problems(path: Path) -> Iterator[str]:
    """Cells that were never executed (nbval passes those silently), errors, a missing parameters cell."""
    cells = [cell for cell in read_notebook(path)["cells"] if cell["cell_type"] == "code"]
    tags = [tag for cell in cells for tag in cell["metadata"].get("tags", ())]
    if tags.count("parameters") != 1:
        yield f"{path}: there must be exactly one cell tagged parameters, not {tags.count('parameters')}."
    for number, cell in enumerate(cells, 1):
        if "".join(cell["source"]).strip() and cell.get("execution_count") is None:
            yield f"{path}, code cell {number}: it was never executed; run the notebook and store it."
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            yield f"{path}, code cell {number}: its stored output is an error."


def contents_problems(root: Path) -> Iterator[str]:
    """Entries of the table of contents without a source, and notebooks without an entry."""
    entries = re.findall(r"(?:file|root): *(\S+)", (root / "_toc.yml").read_text())
    for entry in entries:
        name = entry.removeprefix(EXECUTED)
        if entry.startswith(EXECUTED):
            if name not in notebook_names():
                yield f"_toc.yml lists {entry}, and there is no notebooks/{name}.ipynb."
        elif not entry.startswith(GENERATED) and not (root / f"{entry}.md").is_file():
            yield f"_toc.yml lists {entry}, and there is no {entry}.md."
    for name in notebook_names():
        if EXECUTED + name not in entries:
            yield f"notebooks/{name}.ipynb is not in _toc.yml."


def link_problems(root: Path) -> Iterator[str]:
    """Relative links in hand-written pages and notebooks that lead nowhere."""
    texts = {path: path.read_text() for path in [*root.glob("book/*.md"), root / "README.md"]}
    for name in notebook_names():
        cells = read_notebook(NOTEBOOKS / f"{name}.ipynb")["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        texts[root / EXECUTED / f"{name}.ipynb"] = text  # links are relative to where it is built
    for path, text in texts.items():
        for target in LINK.findall(text):
            place = (path.parent / target).resolve()
            if place.is_relative_to(root / EXECUTED):
                place = NOTEBOOKS / place.name
            if not place.exists() and not place.is_relative_to(root / GENERATED):
                yield f"{path.relative_to(root)}: the link to {target} leads nowhere."
