"""Reads the target column of a table as the labels that a model knows, or as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from common.messages import _
from common.problems import Problem
from tables import parse_polars
from tables.parse_scalar import is_missing, number_label
from tables.raw_rows import ROW_NUMBER

NAMED = 8  # classes in a message


@dataclass(frozen=True)
class TableLabels:
    """`values` (rows,) are positions among the classes, or numbers; NaN where a row has none for the reason `why`."""

    values: np.ndarray
    why: str = ""


def read_labels(schema: Mapping[str, Any], raw: pl.DataFrame) -> TableLabels:
    """The labels of the rows `raw`. Raises Problem when not one row has a label that the model knows."""
    target, classes = schema["target"], list(schema["classes"])
    values = _positions(classes, raw[target]) if classes else _numbers(schema, raw)
    unknown = np.flatnonzero(np.isnan(values))
    if not len(unknown):
        return TableLabels(values)
    first = int(unknown[0])
    cell, number = raw[target][first], raw[ROW_NUMBER][first]
    known = ", ".join(classes[:NAMED]) + (", …" if len(classes) > NAMED else "") if classes else _("numbers")
    why = _("%(target)s has no value", target=target)
    if cell is not None and not is_missing(cell):
        why = _(
            "%(target)s is %(cell)s, and the model knows %(known)s", target=target, cell=repr(cell[:80]), known=known
        )
    if len(unknown) == len(values):
        raise Problem(
            _("No row has a label that the model can be measured by. In the first, %(why)s.", why=why), target
        )
    return TableLabels(values, _("row %(row)s: %(why)s", row=number, why=why))


def _positions(classes: list[str], cells: pl.Series) -> np.ndarray:
    """The position of each cell among `classes`, as it is written, as a number, or without case and blanks."""
    plain: dict[str, list[int]] = {}
    for at, name in enumerate(classes):
        plain.setdefault(_plain(name), []).append(at)
    exact = {name: at for at, name in enumerate(classes)}
    positions: dict[str | None, float] = {None: np.nan}
    for cell in cells.drop_nulls().unique().to_list():
        text = cell.strip()
        number = number_label(text)
        alike = plain.get(_plain(text), [])
        position = exact.get(text, exact.get(number) if number else None)
        positions[cell] = position if position is not None else alike[0] if len(alike) == 1 else np.nan
    return np.array([positions[cell] for cell in cells.to_list()], float)


def _numbers(schema: Mapping[str, Any], raw: pl.DataFrame) -> np.ndarray:
    column = next(column for column in schema["columns"] if column["name"] == schema["target"])
    text = parse_polars.strip_missing(pl.col(column["name"]))
    number = parse_polars.parse_number(parse_polars.normalize_number(text, column.get("numbers", "")))
    return raw.select(number.alias("v")).to_series().cast(pl.Float64).fill_null(np.nan).to_numpy()


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())
