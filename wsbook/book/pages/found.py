"""Cells of the tables of claims and parts: what was found of a part, and beside what."""

from collections.abc import Sequence
from html import escape

from wsbook.book.pages.axis import Ruler, axis, paper_text
from wsbook.book.pages.quantities import asked_of, quantity_of
from wsbook.book.pages.recap import measured, odds_cells
from wsbook.figures.display import Cell, verdict
from wsbook.verdicts.decision import Evidence

FOUND = ("Verdict", "Paper", "Asked", "Ours", "By chance", "Power")


def heading(columns: Sequence[str]) -> str:
    """The head of a table."""
    cells = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def metric_line(item: Evidence) -> str:
    """What is measured, as a small line."""
    return f"<small>{escape(quantity_of(item.part).name)}</small>"


def found_cells(item: Evidence, qualification: str = "") -> tuple[Cell, ...]:
    """The cells of FOUND. Estimates sort by where they lie on their axis."""
    chip, estimate = verdict(item.outcome.verdict), measured(item)
    place = "" if item.outcome.estimate is None else Ruler(item.part)(item.outcome.estimate)
    return (
        Cell(
            chip.text,
            f"{chip.html}<small>{qualification}</small>" if qualification else chip.html,
            chip.sort,
        ),
        Cell(paper_text(item.part)),
        Cell(asked_of(item.part)),
        Cell(estimate.text, f"{axis(item)}{estimate.html or estimate.text}", sort=place),
        *odds_cells(item).values(),
    )


def entry(name: str, cell: Cell) -> str:
    """One cell, which a phone shows beside its column's name."""
    sort = "" if cell.sort is None else f' data-sort="{escape(str(cell.sort))}"'
    return f'<td data-label="{name}"{sort}><div>{cell.html or escape(cell.text)}</div></td>'
