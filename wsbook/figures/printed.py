"""What a paper printed for claims, as a table to stand beside ours."""

import pandas as pd

from wsbook.figures.labels import setting_label
from wsbook.verdicts.claims import load_claims

VALUE = "the paper's value"


def printed(*claim_ids: str) -> pd.DataFrame:
    """The paper's values for some claims, one row each; shares are in per cent, other units as printed."""
    claims = {claim.id: claim for claim in load_claims()}
    rows = [
        {
            "where": value.source,
            "what": value.of,
            "setting": setting_label(value.setting) or "–",
            VALUE: 100 * value.value if value.unit == "share" else value.value,
        }
        for claim_id in claim_ids
        for value in claims[claim_id].paper
    ]
    return pd.DataFrame(rows)


def across(table: pd.DataFrame) -> pd.DataFrame:
    """The same values with a column for each setting, in the order of their first mention."""
    settings = list(dict.fromkeys(table.setting))
    wide = table.pivot_table(VALUE, ["where", "what"], "setting", sort=False)[settings]
    return wide.rename_axis(columns=None).reset_index()
