"""Summaries of a model's training columns in its schema: ranges and distributions, to compare requests with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tables.profile import ColumnProfile, Profile

MAX_COLUMNS = 1000  # of wider tables nothing is written: the schema travels with each model
MAX_VALUES = 20  # categories of a column, the commonest ones


def column_summaries(profile: Profile, columns: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """{name: summary} of the features among `columns`, the columns of a schema of the table of `profile`.

    A summary has "rows" and "missing", the number of cells without a value; of numbers "min", "max" and "hist", counts
    in at most ten bins of equal width between them; of categories "values", the counts of the commonest.
    """
    features = {column["name"] for column in columns if column["role"] == "feature"}
    if len(features) > MAX_COLUMNS:
        return {}
    return {column.name: _summary(column) for column in profile.columns if column.name in features}


def _summary(column: ColumnProfile) -> dict[str, Any]:
    summary: dict[str, Any] = {"rows": column.rows, "missing": column.missing}
    if column.kind == "number" and column.min is not None:
        summary |= {"min": column.min, "max": column.max, "hist": list(column.hist)}
    elif column.kind in ("category", "boolean") and column.values:
        commonest = sorted(column.values.items(), key=lambda item: (-item[1], item[0]))
        summary["values"] = dict(commonest[:MAX_VALUES])
    return summary
