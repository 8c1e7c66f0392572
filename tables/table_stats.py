"""Streaming statistics of all columns of a table."""

from __future__ import annotations

from typing import Any

import polars as pl

from tables import parse_polars
from tables.blocks import Block
from tables.column_stats import ColumnStats
from tables.column_types import ColumnTypes
from tables.number_figures import number_figures
from tables.profile import ColumnProfile
from tables.spellings import BLANK


class TableStats:
    """Statistics of all columns of a table.

    `types` are the kinds of columns and the ways they are written that a person set.
    """

    def __init__(self, names: list[str], types: ColumnTypes):
        self.types, self.numbers = types.types, types.numbers
        self.columns = {
            n: ColumnStats(n, types.types.get(n, ""), types.numbers.get(n, ""), types.dates.get(n, "")) for n in names
        }
        self.rows = 0

    def update(self, block: Block) -> None:
        """Add the rows of `block`."""
        frame = block.frame
        self.rows += len(frame)
        if not len(frame):
            return
        numbers = frame.select(self.as_numbers(frame.columns))
        for figures, raw, read in zip(number_figures(numbers, frame), frame, numbers, strict=True):
            self.columns[raw.name].update(raw, read, figures, block)

    def profiles(self) -> list[ColumnProfile]:
        """The statistics so far, a profile for each column in the table's order."""
        return [column.profile() for column in self.columns.values()]

    def as_numbers(self, names: list[str]) -> list[pl.Expr]:
        """The finite numbers in the cells of each of these columns as Float64, null where there is none."""
        changed = self.types.keys() | self.numbers.keys()
        if not changed:
            return [parse_polars.parse_number(pl.all())]
        return [self._as_number(name) if name in changed else parse_polars.parse_number(pl.col(name)) for name in names]

    def _as_number(self, name: str) -> pl.Expr:
        if self.types.get(name, "number") != "number":
            return pl.lit(None, pl.Float64).alias(name)  # a person set another kind
        cell: Any = pl.col(name)
        style = self.numbers.get(name, "")
        cell = parse_polars.normalize_number(cell.str.strip_chars(BLANK), style) if style else cell
        return parse_polars.parse_number(cell).alias(name)
