"""The section on many tests at once: which of the book's p values survive corrections for their number."""

from collections.abc import Sequence

import pandas as pd

from wsbook.figures.display import Cell, table
from wsbook.verdicts.multiplicity import LEVEL, Tested

SECTION = """## Many tests at once

Each part is tested by itself: so many tests confirm some by chance. {count} parts that count rest on a p value, and {small} of these are at most
{level:g}. Corrected for their number, Holm's method keeps {holm}: then the chance of even one false confirmation among all is at most {level:g}. Benjamini
and Hochberg's keeps {kept}: then at most {percent:g} % of those that are kept are expected to be false. {frail} parts are reproduced by themselves and would not be among
all; they are marked with a dagger (†) below. Parts decided by an interval alone have no p value and are not among them.

:::{{dropdown}} The parts that would not be reproduced among all tests
{table}
:::
"""


def family_section(tests: Sequence[Tested]) -> str:
    """Counts of what survives, and the parts that do not, as MyST Markdown; nothing where there are no tests."""
    if not tests:
        return ""
    frail = [test for test in tests if test.frail]
    return SECTION.format(
        count=len(tests),
        small=sum(test.p <= LEVEL for test in tests),
        holm=sum(test.holm <= LEVEL for test in tests),
        kept=sum(test.false_discovery <= LEVEL for test in tests),
        frail=len(frail),
        level=LEVEL,
        percent=100 * LEVEL,
        table=frail_table(frail) if frail else "",
    )


def frail_table(frail: Sequence[Tested]) -> str:
    """The parts that are reproduced by themselves alone, with p as it is and as corrected, as HTML."""
    rows = [
        {
            "Claim": Cell(test.claim, f'<a href="#claim-{test.claim.lower()}">{test.claim}</a>'),
            "Part": test.evidence.part.label,
            "p": test.p,
            "Benjamini–Hochberg": test.false_discovery,
            "Holm": test.holm,
        }
        for test in frail
    ]
    return table(pd.DataFrame(rows), "Reproduced, and not among all tests", sortable=True).html
