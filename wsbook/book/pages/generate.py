"""Write the computed pages into book/generated."""

from pathlib import Path

from wsbook.book.dependencies import notebook_names
from wsbook.book.pages.agreement import committed
from wsbook.book.pages.badge import badge
from wsbook.book.pages.findings import findings_page
from wsbook.book.pages.provenance import provenance_page
from wsbook.book.pages.scorecard import scorecard_page
from wsbook.book.pages.stories import cards_page, load_stories, opening_page
from wsbook.book.pages.summary import summary_page
from wsbook.book.pages.verdict_map import map_page
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.study.places import ROOT
from wsbook.verdicts.scorecard import decide_all

GENERATED = ROOT / "book" / "generated"


def render_all() -> list[Path]:
    """Write all computed pages and page parts; returns their paths relative to the repository."""
    decisions = decide_all(EXPERIMENTS, DERIVED)
    records = {name: committed(experiment) for name, experiment in EXPERIMENTS.items()}
    stories = load_stories()
    pages = {
        "scorecard": scorecard_page(decisions),
        "findings": findings_page(decisions),
        "map": map_page(decisions),
        "provenance": provenance_page(),
        "badge": badge(*(table for table in records.values() if len(table))).html + "\n",
        "cards": cards_page(stories, decisions, records.__getitem__),
        **{story.name: opening_page(story, decisions, records.__getitem__) for story in stories},
        **{
            f"verdicts/{name}": summary_page([item for item in decisions if item.claim.notebook == name])
            for name in notebook_names()
        },
    }
    paths = [GENERATED / f"{name}.md" for name in pages]
    for path, text in zip(paths, pages.values()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [path.relative_to(ROOT) for path in paths]
