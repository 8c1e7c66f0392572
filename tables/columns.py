"""Tells what kind of values a column of text cells holds, and sums it up for a person."""

import polars as pl

from tables.sniff import MISSING, NUMBER
from tables.table import Column

MOST_CATEGORIES = 50
BINS = 10
TRUE, FALSE = ("true", "t", "yes", "y"), ("false", "f", "no", "n")
_DATE = r"^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}[/.]\d{1,2}[/.]\d{4}$"


def cleaned(name: str) -> pl.Expr:
    """The cell without blanks around it, null where it says that there is no value."""
    cell = pl.col(name).str.strip_chars()
    return pl.when(~cell.str.to_lowercase().is_in(MISSING)).then(cell)


def is_number(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(f"^(?:{NUMBER.pattern})$")


def is_boolean(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_lowercase().is_in(TRUE + FALSE)


def describe(frame: pl.DataFrame) -> list[Column]:
    """Every column of a frame of text cells."""
    return [_describe(frame.select(cleaned(name)).to_series()) for name in frame.columns]


def _describe(cells: pl.Series) -> Column:
    present = cells.drop_nulls()
    column = Column(cells.name, "text", missing=len(cells) - len(present), unique=present.n_unique())
    if not len(present):
        return column
    flags = present.to_frame("c").select(
        number=is_number(pl.col("c")).all(),
        boolean=is_boolean(pl.col("c")).all(),
        date=pl.col("c").str.contains(_DATE).all(),
    )
    column.kind = next((kind for kind, key in _KINDS if flags[key][0]), "text")
    if column.kind == "number":
        return _number(column, present.cast(pl.Float64))
    counts = present.value_counts(sort=True)
    column.top = counts[cells.name].head(BINS).to_list()
    column.hist = counts["count"].head(BINS).to_list()
    if column.kind == "datetime":
        column.type = "datetime"
    elif column.unique == 2 or column.kind == "boolean":
        column.type = "binary"
    elif column.unique <= min(MOST_CATEGORIES, max(2, len(present) // 2)):
        column.type = "category"
    return column


_KINDS = (("number", "number"), ("boolean", "boolean"), ("datetime", "date"))


def _number(column: Column, values: pl.Series) -> Column:
    column.unique = values.n_unique()
    low, high = float(values.to_numpy().min()), float(values.to_numpy().max())
    column.min, column.max = low, high
    whole = bool((values == values.round()).all())
    column.type = "binary" if column.unique == 2 and whole else "int" if whole else "float"
    column.top = [f"{value:g}" for value in values.value_counts(sort=True)[values.name].head(BINS)]
    bins = min(BINS, column.unique)
    if high > low:
        place = ((values - low) / (high - low) * bins).floor().clip(0, bins - 1).cast(pl.Int64)
        counted = dict(place.value_counts().iter_rows())
        column.hist = [counted.get(i, 0) for i in range(bins)]
    else:
        column.hist = [len(values)]
    return column
