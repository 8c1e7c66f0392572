"""Streaming statistics of all columns of a table."""

from __future__ import annotations

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

    `types` are the kinds of columns and the ways they are written that a person set, `target` is what is predicted.
    """

    def __init__(self, names: list[str], types: ColumnTypes, target: str):
        self.types, self.target = types, target
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
        numbers = read_numbers(frame, self.types)
        for figures, raw, read in zip(number_figures(numbers, frame), frame, numbers, strict=True):
            self.columns[raw.name].update(raw, read, figures, block)

    def profiles(self) -> list[ColumnProfile]:
        """The statistics so far, a profile for each column in the table's order; call once, after the last `update`."""
        # What a column's statistics hold goes before the next profile comes: there may be thousands.
        return [self.columns.pop(name).profile(is_label=name == self.target) for name in list(self.columns)]


def read_numbers(frame: pl.DataFrame, types: ColumnTypes) -> pl.DataFrame:
    """The finite numbers in the cells of each column of `frame` as Float64, null where there is none."""
    changed = types.types.keys() | types.numbers.keys()
    # In two steps: one expression for both would read each text twice.
    values = frame.select(
        [_as_number(name, types) if name in changed else _cast(pl.col(name)) for name in frame.columns]
        if changed else _cast(pl.all())
    )  # fmt: skip
    return values.select(pl.when(pl.all().is_finite()).then(pl.all()))


def _cast(cell: pl.Expr) -> pl.Expr:
    return cell.cast(pl.Float64, strict=False)


def _as_number(name: str, types: ColumnTypes) -> pl.Expr:
    if types.types.get(name, "number") != "number":
        return pl.lit(None, pl.Float64).alias(name)  # a person set another kind
    style = types.numbers.get(name, "")
    cell = pl.col(name)
    return _cast(parse_polars.normalize_number(cell.str.strip_chars(BLANK), style) if style else cell)
