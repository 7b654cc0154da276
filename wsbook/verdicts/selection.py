"""Which samples a part of a claim takes from a table of records.

metric: NAME                  the column of the record table
where: {field: value}         settings that the part is about
over: field                   one column of samples for each value of this field, in order
settings: [{...}, {...}]      one column for each; `where` applies to all
metrics: [a, b]               one column for each metric of the same setting
derived: NAME                 instead of metrics: a function of the table (wsbook.catalogue), or of its part `where`
"""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from wsbook.errors import StudyError
from wsbook.study.planned import plan_for, planned
from wsbook.verdicts.claims import Part

Derived = Mapping[str, Callable[[pd.DataFrame], np.ndarray]]


def samples(part: Part, table: pd.DataFrame, derived: Derived) -> tuple[np.ndarray, pd.DataFrame]:
    """The samples of a part, shaped as its rule wants them, and the records they come from.

    A metric that was recorded as NaN is a diverged run and becomes inf; a missing record is NaN.

    Raises
        StudyError: if a selection matches several settings, or names what the records do not have.
    """
    selection = part.selection
    if "derived" in selection:
        check_names(part, [selection["derived"]], derived, "there are no such derived samples")
        about = narrowed(part, table)
        return derived[selection["derived"]](about), about
    columns = column_selections(part, table)
    if not columns:  # no planned setting is what the part is about
        return np.empty((0, 0)), table[:0]
    series, used = [], []
    for where, metric in columns:
        check_names(part, [*where, metric], table, "its records have no such field")
        rows = table[selects(table, where)]
        if rows["seed"].duplicated().any():
            raise StudyError(
                f"part '{part.says}' of {part.experiment} selects several settings with {where}; "
                "name more of their fields in the claim file."
            )
        series.append(rows.set_index("seed")[metric].fillna(np.inf).rename(len(series)))
        used.append(rows)
    array = pd.concat(series, axis=1).to_numpy(dtype=float)
    single = part.rule.columns == (0, 0)
    return (array[:, 0] if single else array), pd.concat(used)


def narrowed(part: Part, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table that the part is about, with their part of its plan; the table itself if it is about all."""
    where = part.selection.get("where", {})
    if not where:
        return table
    check_names(part, where, table, "its records have no such field")
    settings = planned(table)
    return plan_for(
        table[selects(table, where)].copy(), settings[selects(settings, where)].to_dict("records")
    )


def check_names(part: Part, names: Iterable[str], known: Container[str], problem: str) -> None:
    """Raise a StudyError at the first name that is not known."""
    for name in names:
        if name not in known:
            raise StudyError(
                f"part '{part.says}' of {part.experiment} asks for {name!r}, but {problem}; "
                "mend the claim file."
            )


def column_selections(part: Part, table: pd.DataFrame) -> list[tuple[dict[str, Any], str]]:
    """(where, metric) of every column of samples."""
    selection, base = part.selection, dict(part.selection.get("where", {}))
    if "metrics" in selection:
        return [(base, metric) for metric in selection["metrics"]]
    if "settings" in selection:
        return [({**base, **setting}, selection["metric"]) for setting in selection["settings"]]
    if "over" in selection:
        check_names(part, [selection["over"]], table, "its records have no such field")
        settings = planned(table)  # also what has no records is a column
        values = sorted(set(settings[selects(settings, base)][selection["over"]]))
        return [({**base, selection["over"]: value}, selection["metric"]) for value in values]
    return [(base, selection["metric"])]


def selects(table: pd.DataFrame, where: Mapping[str, Any]) -> np.ndarray:
    """Rows (n,) whose fields have the values of `where`; a field that the table lacks is not asked."""
    keep = np.ones(len(table), dtype=bool)
    for name, value in where.items():
        if name in table:
            keep &= matches(table[name], value)
    return keep


def matches(column: pd.Series, value: Any) -> pd.Series:
    """Rows equal to `value`; floats within rounding."""
    if isinstance(value, float) and pd.api.types.is_numeric_dtype(column):
        return np.isclose(column.astype(float), value, rtol=1e-9, atol=0)
    return column == value
