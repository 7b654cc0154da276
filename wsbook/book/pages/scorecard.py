"""The scorecard page: one sortable row a claim, and below it each claim with its rules and evidence."""

from collections.abc import Iterable, Sequence

import pandas as pd

from wsbook.book.pages.multiplicity import family_section
from wsbook.book.pages.recap import measured, odds_cells, parts_table
from wsbook.figures.display import Cell, table, verdict
from wsbook.study.places import RESULTS, ROOT
from wsbook.verdicts.claims import Claim
from wsbook.verdicts.decision import Decision, Evidence
from wsbook.verdicts.multiplicity import family

INTRODUCTION = """---
html_theme.sidebar_secondary.remove: true
---

# Scorecard

```{{div}} lead
Every claim, the rule that decides it, and the verdict that the committed records earn. Sort by any column;
each claim's name leads to its parts, its rules word for word, and its records.
```

{table}

A claim's verdict is that of one part, its headline, and the count says how many of its parts share it. Estimates are the headline's: a
mean, a difference in the claimed direction, or a rank correlation, as its rule says, and *expected* is what the rule asks of them. Numbers
that the paper prints stand below, with each claim. Brackets hold the interval, parentheses how many of what it is over. *By chance* is
the chance that the rule would confirm the headline if there were nothing to find, *power* the chance that it would if the effect were there, with as many samples as
there are, scattered as they are. How to read all this is explained in [](../how_to_read.md).

{family}
"""

BADGE = """
```{include} badge.md
```
"""


def overview(decisions: list[Decision]) -> str:
    """The sortable table as HTML."""
    rows = []
    for decision in decisions:
        claim, head = decision.claim, decision.headline
        count = len({item.part.experiment for item in decision.evidence if item.profile})
        files = f"{count} file{'s' * (count != 1)}"
        link = f'<a href="#claim-{claim.id.lower()}">{claim.id}</a>'
        rows.append(
            {
                "Claim": Cell(claim.id, link),
                "Verdict": verdict(decision.verdict, decision.qualification),
                "What is claimed": claim.title,
                "Rule": head.part.rule.kind,
                "Expected": head.part.rule.wanted,
                "Ours [interval] (n)": measured(head.outcome, head.part.replicates),
                **odds_cells(head),
                "Profile": named(item.profile for item in decision.evidence),
                "Hardware": named(item.device for item in decision.evidence),
                "Records": Cell(files, f'<a href="#claim-{claim.id.lower()}">{files}</a>'),
            }
        )
    return table(pd.DataFrame(rows), "All claims", sortable=True).html


def named(words: Iterable[str]) -> str:
    """Each word once, without empty ones."""
    return ", ".join(dict.fromkeys(filter(None, words))) or "–"


def records_links(decision: Decision) -> str:
    """Download links of the record files behind a claim."""
    links = []
    for item in decision.evidence:
        path = RESULTS / item.profile / f"{item.part.experiment}.jsonl"
        if item.profile and path.is_file():
            links.append(f"{{download}}`{path.name} <../../{path.relative_to(ROOT)}>`")
    return ", ".join(dict.fromkeys(links)) or "none yet"


def paper_values(decision: Decision) -> str:
    """The numbers that the paper prints, as a list."""
    lines = []
    for value in decision.claim.paper:
        setting = ", ".join(f"{name} = {x}" for name, x in value.setting.items())
        where = f" at {setting}" if setting else ""
        lines.append(f"- {value.of}{where}: {value.value:g} ({value.unit}; {value.source})")
    return "\n".join(lines) or "- The claim is made in words."


def rules_of(decision: Decision) -> str:
    """The rules of a claim's parts as a list, and why a part stands that is hardly a test."""
    return "\n".join(
        f"- **{item.part.label}.** {item.part.rule.describe()} {item.part.stands}".rstrip()
        for item in decision.evidence
    )


def joined(claim: Claim) -> str:
    """That all parts must hold, where they must, and when that was decided."""
    if not claim.joint:
        return ""
    return f" All parts must hold, which was decided {claim.since} the records."


def details(decision: Decision, here: Decision, frail: Sequence[Evidence]) -> str:
    """One claim in full, as MyST Markdown; parts of `frail` get a dagger."""
    claim = decision.claim
    rules = rules_of(decision)
    evidence = "\n".join(f"- **{item.part.label}.** {item.outcome.detail}" for item in decision.evidence)
    return f"""
(claim-{claim.id.lower()})=
## {claim.id}: {claim.title}

{verdict(decision.verdict, decision.qualification).html}

**Claimed** ({claim.where}). {claim.statement}

**As we test it.** {claim.reading or "As stated."}{joined(claim)}

**The paper's numbers**

{paper_values(decision)}

{parts_table(decision, here, frail).html}

Evidence and figures: [](../executed/{claim.notebook}.ipynb). Records: {records_links(decision)}.

:::{{dropdown}} The rules, and what they found
{rules}

---

{evidence}
:::
"""


def scorecard_page(decisions: list[Decision], here: dict[str, Decision]) -> str:
    """The whole page as MyST Markdown."""
    tests = family(decisions)
    frail = [test.evidence for test in tests if test.frail]
    sections = [details(decision, here[decision.claim.id], frail) for decision in decisions]
    introduction = INTRODUCTION.format(table=overview(decisions), family=family_section(tests))
    return introduction + "\n".join(sections) + BADGE
