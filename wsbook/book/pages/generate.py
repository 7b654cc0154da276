"""Write the computed pages into book/generated."""

from pathlib import Path

from wsbook.book.pages.agreement import committed
from wsbook.book.pages.badge import badge
from wsbook.book.pages.findings import findings_page
from wsbook.book.pages.provenance import provenance_page
from wsbook.book.pages.scorecard import scorecard_page
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.study.places import ROOT
from wsbook.verdicts.scorecard import decide_all, decide_here

GENERATED = ROOT / "book" / "generated"


def render_all() -> list[Path]:
    """Write all computed pages and page parts; returns their paths relative to the repository."""
    decisions = decide_all(EXPERIMENTS, DERIVED)
    records = [committed(experiment) for experiment in EXPERIMENTS.values()]
    pages = {
        "scorecard": scorecard_page(decisions, decide_here(EXPERIMENTS, DERIVED)),
        "findings": findings_page(decisions),
        "provenance": provenance_page(),
        "badge": badge(*(table for table in records if len(table))).html + "\n",
    }
    GENERATED.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (GENERATED / f"{name}.md").write_text(text)
    return [(GENERATED / f"{name}.md").relative_to(ROOT) for name in pages]
