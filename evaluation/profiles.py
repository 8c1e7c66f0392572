"""Traits of groups of rows, in the columns of the person's table: means, shares of values, missing cells.

All effects are in standard deviations of all rows: of the number itself, or of being the value or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from evaluation.conditions import cell, is_number
from evaluation.predictions import DATA
from tables import parse_polars

MAX_COLUMNS = 1_000
MAX_VALUES = 20  # of a column, the commonest
LISTED = 6  # traits of one group
SMALLEST = 0.2  # standard deviations; what is less does not set a group apart (Cohen 1988: a small effect)
Trait = dict[str, Any]


def group_profiles(
    table: pl.DataFrame, schema: Mapping[str, Any], group: np.ndarray, groups: Sequence[int]
) -> list[list[Trait]]:
    """The traits of each of `groups`, largest effect first; `group` (rows,) has the group of each row, from 0.

    A trait is {"column", "effect", "group", "overall"}: means of a number, or shares where it has "is": a value, or
    "empty": True. Dates are seconds since 1970, and have "date": True.
    """
    traits: list[list[Trait]] = [[] for _ in groups]
    sizes = np.bincount(group)
    for trait, values in _columns(table, schema):
        known = np.isfinite(values)
        deviation = float(values[known].std()) if known.any() else 0.0
        if not deviation > 0:
            continue
        overall = float(values[known].mean())
        counts = np.bincount(group[known], minlength=len(sizes))
        means = np.bincount(group[known], values[known], len(sizes)) / np.maximum(1, counts)
        for at, number in enumerate(groups):
            effect = (means[number] - overall) / deviation
            if counts[number] and abs(effect) >= SMALLEST and np.isfinite(effect):
                figures = {"effect": float(effect), "group": float(means[number]), "overall": overall}
                traits[at].append(trait | figures)
    return [_leading(each) for each in traits]


def _columns(table: pl.DataFrame, schema: Mapping[str, Any]) -> Iterator[tuple[Trait, np.ndarray]]:
    """(what it is, its values in all rows, NaN for none) of each number, date, common value and gap of the columns."""
    features = [column for column in schema["columns"] if column["role"] == "feature"]
    for column in [column for column in features if DATA + column["name"] in table.columns][:MAX_COLUMNS]:
        name = column["name"]
        values = table.select(cell(column).alias("v")).to_series()
        if values.null_count():
            yield {"column": name, "empty": True}, values.is_null().to_numpy().astype(float)
        if is_number(column):
            yield {"column": name}, values.cast(pl.Float64).fill_null(np.nan).to_numpy()
        elif column["kind"] == "datetime" and column.get("form"):
            moments = pl.DataFrame({"v": values}).select(parse_polars.parse_timestamp(pl.col("v"), column["form"]))
            yield {"column": name, "date": True}, moments.to_series().cast(pl.Float64).fill_null(np.nan).to_numpy()
        else:
            for value, _rows in values.drop_nulls().value_counts(sort=True).head(MAX_VALUES).rows():
                yield {"column": name, "is": value[:80]}, (values == value).fill_null(False).to_numpy().astype(float)


def _leading(traits: list[Trait]) -> list[Trait]:
    """The largest effects, one for each column: the effect of one of two values implies the other."""
    largest: dict[str, Trait] = {}
    for trait in sorted(traits, key=lambda trait: -abs(trait["effect"])):
        largest.setdefault(trait["column"], trait)
    return list(largest.values())[:LISTED]
