"""The provenance badge: which runs stand behind a page."""

from html import escape

import pandas as pd

from wsbook.figures.display import Shown


def badge(*tables: pd.DataFrame) -> Shown:
    """A line that says how many runs a page rests on, of which profile, where, when and how long.

    `tables` are record tables as `wsbook.study.collect` returns them.
    """
    records = pd.concat([table[COLUMNS] for table in tables])
    profiles = ", ".join(sorted(records["profile"].unique()))
    facts = {
        "runs": f"{len(records):,}",
        "seeds": f"{records['seed'].nunique()}",
        "core time": duration(records["seconds"].sum()),
        "on": ", ".join(sorted(records["device"].unique())),
        "measured": records["utc"].max()[:10],
    }
    if records["stale"].any():
        facts["stale"] = f"{int(records['stale'].sum()):,} runs of earlier code"
    spans = "".join(f"<span><b>{name}</b> {escape(value)}</span> " for name, value in facts.items())
    html = (
        '<div class="provenance" role="note" aria-label="Provenance">'
        f'<span class="profile">{escape(profiles)}</span> {spans}</div>'
    )
    text = f"{facts['runs']} runs, {facts['seeds']} seeds, profile {profiles}"
    return Shown(text, html)


COLUMNS = ["profile", "seed", "seconds", "device", "utc", "stale"]


def duration(seconds: float) -> str:
    """Seconds as a person reads them: 0.4 s, 38 s, 12 min, 3.2 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
