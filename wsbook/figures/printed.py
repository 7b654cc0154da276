"""What a paper printed for claims, as a table to stand beside ours."""

import pandas as pd

from wsbook.study.claim import load_claims

SETTINGS = {"hidden": "h", "number": "round", "size": "noise"}


def printed(*claim_ids: str) -> pd.DataFrame:
    """The paper's values for some claims, one row each; shares are in per cent, other units as printed."""
    claims = {claim.id: claim for claim in load_claims()}
    rows = [
        {
            "where": value.source,
            "what": value.of,
            "setting": ", ".join(f"{SETTINGS.get(k, k)} = {v}" for k, v in value.setting.items()) or "–",
            "the paper's value": 100 * value.value if value.unit == "share" else value.value,
        }
        for claim_id in claim_ids
        for value in claims[claim_id].paper
    ]
    return pd.DataFrame(rows)
