"""Parses whole columns of cells in Polars, by the patterns of `tables.parse_scalar`."""

from typing import Any

import numpy as np
import polars as pl

from tables import parse_scalar
from tables.parse_scalar import BLANK, FALSE, FAULTS, MISSING, NUMBER_PATTERN, TRUE


def strip_missing(cell: pl.Expr) -> pl.Expr:
    """The cell without blanks around it, null where it is a missing value."""
    cell = cell.str.strip_chars(BLANK)
    return pl.when(~cell.str.to_lowercase().is_in(MISSING)).then(cell)


def is_number(cell: pl.Expr) -> pl.Expr:
    """True for plain numbers."""
    return cell.str.contains(f"^(?:{NUMBER_PATTERN})$")


def is_boolean(cell: pl.Expr) -> pl.Expr:
    """True for words that mean true or false."""
    return cell.str.to_lowercase().is_in(TRUE + FALSE)


def is_date(cell: pl.Expr) -> pl.Expr:
    """True for cells in one of the date patterns, valid dates or not."""
    return cell.str.contains(parse_scalar.ISO) | cell.str.contains(parse_scalar.DAY)


def parse_boolean(cell: pl.Expr) -> pl.Expr:
    """1.0 for true, 0.0 for false, null for anything else."""
    low = cell.str.to_lowercase()
    return (
        pl.when(low.is_in((*TRUE, "1", "1.0"))).then(1).when(low.is_in((*FALSE, "0", "0.0"))).then(0).cast(pl.Float64)
    )


def normalize_number(cell: pl.Expr, style: str = "") -> pl.Expr:
    """`parse_scalar.normalize_number` of a column from `strip_missing`."""
    decimal = cell.str.replace_all(parse_scalar.DOTS, "").str.replace_all(",", ".", literal=True)
    if style == "currency":
        bare = cell.str.replace_all(parse_scalar.MONEY, "")
        cents = bare.str.replace_all(parse_scalar.DOTS, "").str.replace_all(",", ".", literal=True)
        return pl.when(bare.str.contains(parse_scalar.CENTS)).then(cents).otherwise(bare.str.replace_all("[,']", ""))
    if style == "percent":
        bare = cell.str.strip_suffix("%").str.strip_chars(BLANK)
        dotted = bare.str.contains(".", literal=True)
        return (
            pl.when(dotted)
            .then(bare.str.replace_all(",", "", literal=True))
            .otherwise(bare.str.replace_all(",", ".", literal=True))
        )
    if style == "thousands":
        return cell.str.replace_all(parse_scalar.GROUPS, "")
    if style == "comma":
        is_comma = cell.str.contains(",", literal=True) | cell.str.contains(parse_scalar.DOTTED)
        return pl.when(is_comma).then(decimal).otherwise(cell)
    if style == "unit":
        return cell.str.extract(parse_scalar.UNIT).fill_null(cell)
    return cell


def parse_number(cell: pl.Expr) -> pl.Expr:
    """The finite Float64 of a normalized cell, null where it is none."""
    value = cell.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def classify_fault(cell: pl.Expr) -> pl.Expr:
    """The name of the fault (parse_scalar.FAULTS, or "text") that keeps a cell from being a plain number."""
    chain: Any = pl.when(cell.is_null()).then(None)
    for name, pattern in FAULTS:
        chain = chain.when(cell.str.contains(pattern)).then(pl.lit(name))
    return chain.otherwise(pl.lit("text"))


def parse_timestamp(cell: pl.Expr, form: str) -> pl.Expr:
    """`parse_scalar.parse_timestamp` of a column from `strip_missing`, as Int64."""
    return cell.map_batches(lambda texts: _parse_timestamp(texts, form), return_dtype=pl.Int64)


def date_part(when: pl.Expr, name: str) -> pl.Expr:
    """One of parse_scalar.PARTS of a column of seconds since 1970, as Int64."""
    return when.map_batches(lambda moments: _date_part(moments, name), return_dtype=pl.Int64)


# Eager and in NumPy: a Polars expression that uses its input twice at each step grows exponentially.
def _parse_timestamp(texts: pl.Series, form: str) -> pl.Series:
    groups = texts.str.extract_groups(parse_scalar.ISO if form == "iso" else parse_scalar.DAY).struct.unnest()
    known = groups["1"].is_not_null().to_numpy()
    parts = [groups[str(index)].cast(pl.Int64).fill_null(0).to_numpy() for index in range(1, 7)]
    order = {"iso": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}[form]
    (year, month, day), (hour, minute, second) = (parts[index] for index in order), parts[3:]
    zone = groups["7"]
    digits = zone.str.replace_all("[^0-9]", "")
    offset = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0).to_numpy() * 3600
    offset = offset + digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0).to_numpy() * 60
    offset = np.where(zone.str.starts_with("-").fill_null(False).to_numpy(), -offset, offset)
    when = _days_from_civil(year, month, day)
    # A day is real when it comes back as itself, a 30 February does not.
    back_year, back_month = _civil_from_days(when)
    real = known & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (back_month == month)
    real &= (back_year == year) & (hour <= 23) & (minute <= 59) & (second <= 59)
    values = pl.Series(texts.name, when * 86400 + hour * 3600 + minute * 60 + second - offset)
    return values.set(pl.Series(~real), None)


def _date_part(moments: pl.Series, name: str) -> pl.Series:
    when = moments.fill_null(0).to_numpy()
    day = when // 86400
    if name in ("year", "month"):
        values = _civil_from_days(day)[name == "month"]
    else:
        values = {"days": day, "weekday": (day + 3) % 7, "hour": (when - day * 86400) // 3600}[name]
    return pl.Series(moments.name, values).set(moments.is_null(), None)


def _days_from_civil(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def _civil_from_days(day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    day = day + 719468
    era = day // 146097
    of_era = day - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted_month = (5 * of_year + 2) // 153
    month = np.where(shifted_month < 10, shifted_month + 3, shifted_month - 9)
    return year + era * 400 + (month <= 2), month
