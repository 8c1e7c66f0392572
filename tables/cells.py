"""`tables.values` for whole columns: the same patterns, said in Polars."""

import polars as pl

from tables import values
from tables.values import BLANK, FALSE, FAULTS, MISSING, NUMBER_PATTERN, TRUE


def cleaned(cell: pl.Expr) -> pl.Expr:
    """The cell without blanks around it, null where it says that there is no value."""
    cell = cell.str.strip_chars(BLANK)
    return pl.when(~cell.str.to_lowercase().is_in(MISSING)).then(cell)


def is_number(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(f"^(?:{NUMBER_PATTERN})$")


def is_boolean(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_lowercase().is_in(TRUE + FALSE)


def is_date(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(values.ISO) | cell.str.contains(values.DAY)


def truth(cell: pl.Expr) -> pl.Expr:
    """1, 0, or null where it is neither."""
    low = cell.str.to_lowercase()
    return (
        pl.when(low.is_in((*TRUE, "1", "1.0"))).then(1).when(low.is_in((*FALSE, "0", "0.0"))).then(0).cast(pl.Float64)
    )


def plain(cell: pl.Expr, style: str = "") -> pl.Expr:
    """`values.plain` of a cleaned column."""
    decimal = cell.str.replace_all(values.DOTS, "").str.replace_all(",", ".", literal=True)
    if style == "currency":
        bare = cell.str.replace_all(values.MONEY, "")
        cents = bare.str.replace_all(values.DOTS, "").str.replace_all(",", ".", literal=True)
        return pl.when(bare.str.contains(values.CENTS)).then(cents).otherwise(bare.str.replace_all("[,']", ""))
    if style == "percent":
        bare = cell.str.strip_suffix("%").str.strip_chars(BLANK)
        dotted = bare.str.contains(".", literal=True)
        return (
            pl.when(dotted)
            .then(bare.str.replace_all(",", "", literal=True))
            .otherwise(bare.str.replace_all(",", ".", literal=True))
        )
    if style == "thousands":
        return cell.str.replace_all(values.GROUPS, "")
    if style == "comma":
        is_comma = cell.str.contains(",", literal=True) | cell.str.contains(values.DOTTED)
        return pl.when(is_comma).then(decimal).otherwise(cell)
    if style == "unit":
        return cell.str.extract(values.UNIT).fill_null(cell)
    return cell


def number(cell: pl.Expr) -> pl.Expr:
    """The finite number of a plain cell, null where it is none."""
    value = cell.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def fault(cell: pl.Expr) -> pl.Expr:
    """What keeps a cleaned cell from being a plain number, by name."""
    chain = pl.when(cell.is_null()).then(None)
    for name, pattern in FAULTS:
        chain = chain.when(cell.str.contains(pattern)).then(pl.lit(name))
    return chain.otherwise(pl.lit("text"))


def seconds(cell: pl.Expr, form: str) -> pl.Expr:
    """`values.seconds` of a cleaned column."""
    found = cell.str.extract_groups(values.ISO if form == "iso" else values.DAY).struct
    places = {"iso": ("1", "2", "3"), "dmy": ("3", "2", "1"), "mdy": ("3", "1", "2")}[form]
    year, month, day = (found.field(place).cast(pl.Int64) for place in places)
    hour, minute, second = (found.field(place).cast(pl.Int64).fill_null(0) for place in ("4", "5", "6"))
    zone = found.field("7")
    digits = zone.str.replace_all("[^0-9]", "")
    offset = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 3600
    offset += digits.str.slice(2, 2).cast(pl.Int64, strict=False) * 60
    offset = pl.when(zone.str.starts_with("-")).then(-offset).otherwise(offset).fill_null(0)
    when = _days(year, month, day)
    # A day is real when it comes back as itself, a 30 February does not.
    back_year, back_month = _civil(when)
    real = month.is_between(1, 12) & day.is_between(1, 31) & (back_month == month) & (back_year == year)
    real &= (hour <= 23) & (minute <= 59) & (second <= 59)
    return pl.when(real).then(when * 86400 + hour * 3600 + minute * 60 + second - offset)


def parts(when: pl.Expr) -> tuple[pl.Expr, ...]:
    """`values.parts` of a column of seconds."""
    day = when.floordiv(86400)
    year, month = _civil(day)
    return day, year, month, (day + 3) % 7, (when - day * 86400).floordiv(3600)


def _days(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    year = year - (month <= 2).cast(pl.Int64)
    era = year.floordiv(400)
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2).floordiv(5) + day - 1
    return era * 146097 + of_era * 365 + of_era.floordiv(4) - of_era.floordiv(100) + of_year - 719468


def _civil(day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    day = day + 719468
    era = day.floordiv(146097)
    of_era = day - era * 146097
    year = (of_era - of_era.floordiv(1460) + of_era.floordiv(36524) - of_era.floordiv(146096)).floordiv(365)
    of_year = of_era - (365 * year + year.floordiv(4) - year.floordiv(100))
    place = (5 * of_year + 2).floordiv(153)
    month = pl.when(place < 10).then(place + 3).otherwise(place - 9)
    return year + era * 400 + (month <= 2).cast(pl.Int64), month
