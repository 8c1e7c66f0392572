"""Reads a whole table once and decides, column by column, how it can become numbers."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from common.problems import Problem
from tables import cells as _cells
from tables.cells import is_boolean, is_number
from tables.objects import FIELD
from tables.values import TRUE

MOST_ONE_HOT = 20  # values of a text column that become a column each
MOST_KEPT = 1000  # different values of one column that are remembered
MOSTLY = 0.95  # from this share of numbers on, the other cells are taken for mistakes


@dataclass
class Seen:
    """What one column held over the whole table. `values` is None once there were too many different ones."""

    name: str
    rows: int = 0
    missing: int = 0
    numbers: int = 0
    booleans: int = 0
    untidy: int = 0  # cells that are not written the way they will be sent
    values: Counter | None = field(default_factory=Counter)
    odd_one: tuple[int, str] | None = None  # (row, cell) of the first that is no number

    @property
    def present(self) -> int:
        return self.rows - self.missing

    @property
    def kind(self) -> str:
        """number, boolean, category; text when there are too many different values."""
        if self.numbers == self.present:
            return "number"
        if self.booleans == self.present:
            return "boolean"
        return "category" if self.values is not None and len(self.values) <= MOST_ONE_HOT else "text"


@dataclass
class Survey:
    """All columns, and the number of rows that have a label."""

    columns: dict[str, Seen]
    target: str
    rows: int

    def check_features(self) -> None:
        """Raises Problem naming the first column that cannot become numbers."""
        for name, problem in self.problems().items():
            if name != self.target:
                raise Problem(problem, FIELD)

    def problems(self) -> dict[str, str]:
        """{column: why it cannot become numbers}"""
        found = {seen.name: _complaint(seen) for seen in self.columns.values()}
        return {name: problem for name, problem in found.items() if problem}


def take(frames: Iterable[pl.DataFrame], names: list[str], target: str, step: Callable[[], None]) -> Survey:
    """Survey every frame; `step` is called after each."""
    columns = {name: Seen(name) for name in names}
    start = 0
    for frame in frames:
        for seen in columns.values():
            _count(seen, frame.select(raw=pl.col(seen.name), c=cleaned(seen.name)), start)
        start += len(frame)
        step()
    return Survey(columns, target, columns[target].present)


def _count(seen: Seen, cells: pl.DataFrame, start: int) -> None:
    c = pl.col("c")
    counted = cells.select(
        missing=c.is_null().sum(),
        numbers=is_number(c).sum(),
        booleans=is_boolean(c).sum(),
        untidy=(pl.col("raw") != c.fill_null("")).sum(),
    ).row(0, named=True)
    present = len(cells) - counted["missing"]
    seen.rows += len(cells)
    for name, count in counted.items():
        setattr(seen, name, getattr(seen, name) + count)
    if counted["numbers"] < present and seen.odd_one is None:
        odd = cells.with_row_index("row").filter(c.is_not_null() & ~is_number(c)).row(0, named=True)
        seen.odd_one = (start + odd["row"] + 1, odd["c"])
    if seen.values is not None:
        seen.values.update(dict(cells["c"].drop_nulls().value_counts().iter_rows()))
        if len(seen.values) > MOST_KEPT:
            seen.values = None


def _complaint(seen: Seen) -> str:
    if seen.odd_one and seen.numbers >= MOSTLY * seen.present and seen.kind != "boolean":
        row, cell = seen.odd_one
        return (
            f"Column {seen.name} holds numbers, except {cell!r} in data row {row}"
            f"{' and others' if seen.present - seen.numbers > 1 else ''}. Correct the cell or leave it empty."
        )
    return _text_column(seen) if seen.kind == "text" else ""


def _text_column(seen: Seen) -> str:
    many = f"{len(seen.values):,}" if seen.values else f"more than {MOST_KEPT:,}"
    return (
        f"Column {seen.name} holds text with {many} different values. The algorithm learns from numbers, and text "
        f"becomes numbers only up to {MOST_ONE_HOT} different values. Leave the column out of the file, or "
        "group its values."
    )


def is_true(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_lowercase().is_in(TRUE)


def cleaned(name: str) -> pl.Expr:
    return _cells.cleaned(pl.col(name))
