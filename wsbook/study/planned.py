"""What a table of records is to hold once all is recorded: the settings of its plan, which travel with it."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import pandas as pd

NAME = "planned"  # among the attributes of a table


class Plan(list):
    """Parameters of the planned settings. One plan serves all tables made of a table: pandas copies attributes
    deeply at every step, which takes longer than the step."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def plan_for(table: pd.DataFrame, settings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The same table, with its plan."""
    table.attrs[NAME] = Plan(settings)
    return table


def planned(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each planned setting; for each record, where a table has no plan."""
    return pd.DataFrame(table.attrs.get(NAME, table))
