"""Streaming statistics of all columns of a table."""

from __future__ import annotations

import polars as pl

from tables import parse_polars
from tables.blocks import Block
from tables.column_stats import ColumnStats
from tables.column_types import ColumnTypes
from tables.profile import ColumnProfile
from tables.spellings import BLANK

_FIGURES = ("n", "low", "high", "mean", "var", "whole", "inf")


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
        numbers = frame.select(self._as_number(name) for name in frame.columns)
        expressions = []
        for name in frame.columns:
            value = pl.col(name)
            finite = pl.when(value.is_finite()).then(value)
            expressions += [
                finite.count().alias(f"n\0{name}"),
                finite.min().alias(f"low\0{name}"),
                finite.max().alias(f"high\0{name}"),
                finite.mean().alias(f"mean\0{name}"),
                finite.var(ddof=0).alias(f"var\0{name}"),
                (finite == finite.round()).all().alias(f"whole\0{name}"),
                value.is_infinite().sum().alias(f"inf\0{name}"),
            ]
        row = numbers.select(expressions).row(0, named=True)
        for name in frame.columns:
            figures = {key: row[f"{key}\0{name}"] for key in _FIGURES}
            self.columns[name].update(frame[name], numbers[name], figures, block)

    def profiles(self) -> list[ColumnProfile]:
        """The statistics so far, a profile for each column in the table's order."""
        return [column.profile() for column in self.columns.values()]

    def _as_number(self, name: str) -> pl.Expr:
        if self.types.get(name, "number") != "number":
            return pl.lit(None, pl.Float64).alias(name)  # a person set another kind
        cell = pl.col(name)
        style = self.numbers.get(name, "")
        return (
            (parse_polars.normalize_number(cell.str.strip_chars(BLANK), style) if style else cell)
            .cast(pl.Float64, strict=False)
            .alias(name)
        )
