"""The recap at the end of a notebook: each claim, its parts, the committed verdict and this run."""

from collections.abc import Collection, Mapping
from html import escape

import pandas as pd

from wsbook.book.pages.quantities import estimate_of, over
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.figures.display import Cell, Shown, table, verdict
from wsbook.study.places import RESULTS
from wsbook.verdicts.claims import Claim, load_claims
from wsbook.verdicts.decision import Decision, Evidence, decide
from wsbook.verdicts.odds_cache import odds_of
from wsbook.verdicts.rules import Paired, Trend
from wsbook.verdicts.scorecard import tables_in


def measured(item: Evidence) -> Cell:
    """Estimate, interval and number of samples in the part's unit: +0.35 points [0.16, 0.53] (3 seeds); a dash where there is no
    estimate. Lines break between the three only."""
    if item.outcome.estimate is None:
        return Cell("–", sort="")
    text = f"{estimate_of(item.part, item.outcome)} {over(item)}"
    pieces = " ".join(f'<span class="ws-unbroken">{escape(piece)}</span>' for piece in text.split(" "))
    return Cell(text, pieces, sort=item.outcome.estimate)


def odds_cells(item: Evidence) -> dict[str, Cell]:
    """The odds of a part as two columns of a table."""
    odds = odds_of(item)
    chances = (odds.false_confirmation, odds.power) if odds else (None, None)
    return {name: chance(value) for name, value in zip(("By chance", "Power"), chances)}


def chance(value: float | None) -> Cell:
    """A chance to two decimals: what is simulated is known no better."""
    return Cell("–", sort="") if value is None else Cell(f"{value:.2f}", sort=value)


def signs(claim: Claim) -> str:
    """How to read the signs of a claim's estimates, where they have one that needs to be said."""
    kinds = (
        (Paired, "Differences are positive where they go the way that the part says."),
        (Trend, "Kendall's τ is positive where the trend is as the part says, and 1 where every step is."),
    )
    return " ".join(
        said for kind, said in kinds if any(isinstance(part.rule, kind) for part in claim.parts)
    )


def find_claim(claim_id: str) -> Claim:
    """The claim of that id."""
    return next(claim for claim in load_claims() if claim.id == claim_id)


def paper_values(claim_id: str, field: str, of: str = "test error") -> dict[object, float]:
    """What the paper prints for a claim, by the value of one field of its settings."""
    values = [value for value in find_claim(claim_id).paper if value.of == of and field in value.setting]
    return {value.setting[field]: value.value for value in values}


def paper_lines(claim_id: str) -> dict[str, float]:
    """The values the paper prints for a claim, by where it prints them."""
    return {f"{value.source}: {value.value:g}": value.value for value in find_claim(claim_id).paper}


def parts_table(
    committed: Decision, here: Decision | None = None, marked: Collection[Evidence] = ()
) -> Shown:
    """The parts of a claim: what is said, what the records show and with which odds, what this run shows.

    The headline is named; parts of `marked` get a dagger.
    """
    rows = []
    for index, item in enumerate(committed.evidence):
        head = "Headline. " * (item is committed.headline and len(committed.counted) > 1)
        row = {
            "Part": f"{head}{item.part.label}{' †' * any(item is other for other in marked)}",
            "Estimate [interval] (n)": measured(item),
            **odds_cells(item),
            "Verdict": verdict(item.outcome.verdict),
        }
        if here is not None and any(other.ran for other in here.evidence):
            row["This run"] = measured(here.evidence[index])
            row["Its verdict"] = verdict(here.evidence[index].outcome.verdict)
        rows.append(row)
    return table(pd.DataFrame(rows))


def recap(claim_id: str, here: Mapping[str, pd.DataFrame]) -> Shown:
    """The verdict on a claim by the committed records, with this run's numbers beside it.

    `here` maps experiment names to the tables of this run. Differences and Kendall correlations of trends are
    positive in the claimed direction.
    """
    claim = find_claim(claim_id)
    committed = decide(claim, tables_in(EXPERIMENTS, RESULTS), DERIVED)
    profile = next(iter(here.values()))["profile"].iloc[0]
    this_run = decide(claim, lambda name, _: here.get(name, pd.DataFrame()), DERIVED, profiles=(profile,))
    parts = parts_table(committed, this_run)
    chip = verdict(committed.verdict, committed.qualification)
    head = f"{claim.id}: {claim.title}"
    said = signs(claim)
    note = f'<p class="ws-sentence">{said}</p>' if said else ""
    anchor = claim.id.lower()
    link = f'<a href="../generated/scorecard.html#claim-{anchor}">Its rules and records</a>'
    title = f'<p class="claim-head" id="recap-{anchor}"><b>{escape(head)}</b> {chip.html} {link}</p>'
    html = f"{title}{parts.html}{note}"
    return Shown("\n".join(filter(None, (f"{head} — {chip.text}", parts.text, said))), html)
