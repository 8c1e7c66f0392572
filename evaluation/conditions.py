"""Conditions on the columns of a table of predictions: "plan is basic", "age under 30", "region is empty"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from evaluation.predictions import DATA
from tables import parse_polars

Condition = dict[str, Any]  # {"column", "is": text} or {"column", "low"?, "high"?} or {"column", "empty": True}


def is_number(column: Mapping[str, Any]) -> bool:
    """True if a condition on a column of the schema compares numbers."""
    return column["kind"] == "number"


def cell(column: Mapping[str, Any]) -> pl.Expr:
    """What a condition compares: the number, or the text as it is written; null where it is missing."""
    text = parse_polars.strip_missing(pl.col(DATA + column["name"]))
    if is_number(column):
        return parse_polars.parse_number(parse_polars.normalize_number(text, column.get("numbers", "")))
    return text


def mask(schema: Mapping[str, Any], conditions: Sequence[Condition]) -> pl.Expr:
    """True for the rows that meet all `conditions`. Raises KeyError for a column that the schema has not."""
    columns = {column["name"]: column for column in schema["columns"]}
    return pl.all_horizontal([_one(columns[condition["column"]], condition) for condition in conditions])


def _one(column: Mapping[str, Any], condition: Condition) -> pl.Expr:
    value = cell(column)
    if condition.get("empty"):
        return value.is_null()
    if "is" in condition:
        return (value == condition["is"]).fill_null(False)
    met = pl.lit(True)
    if "low" in condition:
        met = met & (value >= condition["low"])
    if "high" in condition:
        met = met & (value < condition["high"])
    return met.fill_null(False)
