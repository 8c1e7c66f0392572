"""Parses whole columns of cells in Polars, by the patterns of `tables.parse_scalar`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from tables import parse_scalar
from tables.date_spellings import (
    AFTERNOON,
    ANY_WRITTEN,
    BUDDHIST,
    CANDIDATE,
    ERA,
    FIRST_YEAR,
    MAX_WRITTEN,
    NAMES,
    NUMERIC,
    PIVOT,
    REORDERED,
    YEAR_FIRST,
    YEAR_LAST,
)  # fmt: skip
from tables.month_names import SPACED
from tables.number_spellings import (
    BEFORE_COMMON,
    CLOSING,
    COMMON,
    FAULTS,
    PADDED,
    STYLES,
    TRANSLATABLE,
    TRANSLATED,
    Rule,
)
from tables.parse_scalar import FALSE, NUMBER_PATTERN, TRUE
from tables.spellings import BLANK, MARKER_PATTERN, MARKERS, MISSING

REPEATED = 2  # cells for each different text from which reading these alone is faster
SAMPLE = 1000  # cells that show whether the texts of a column repeat
FEW = 200  # texts up to which compiling patterns for a column takes longer than reading cells one by one


def by_text(name: str, expression: pl.Expr, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """`expression` of the text column `name` alone, of the type `kind`, read once for each text where these repeat.

    The expression must read each cell by itself.
    """
    return pl.col(name).map_batches(lambda texts: _by_text(texts.alias(name), expression), return_dtype=kind)


def _by_text(texts: pl.Series, expression: pl.Expr) -> pl.Series:
    beginning = texts.head(SAMPLE)
    different = None if REPEATED * beginning.n_unique() > len(beginning) else texts.drop_nulls().unique()
    if different is None or REPEATED * len(different) > len(texts):
        return texts.to_frame().select(expression).to_series()
    read = different.extend_constant(None, 1).to_frame().select(expression).to_series()
    codes = texts.cast(pl.Enum(different)).to_physical().cast(pl.UInt32).fill_null(len(different))
    return read.gather(codes).alias(texts.name)


def _each(texts: pl.Series, read: Callable[[str], Any], kind: type[pl.DataType]) -> pl.Series:
    """What `read` makes of each text that is there."""
    return pl.Series(texts.name, [None if text is None else read(text) for text in texts], kind)


def strip_missing(cell: pl.Expr) -> pl.Expr:
    """The cell without blanks around it, null where it is a missing value."""
    cell = cell.str.strip_chars(BLANK)
    return pl.when(~cell.str.to_lowercase().is_in(MISSING)).then(cell)


def is_marker(cell: pl.Expr) -> pl.Expr:
    """`parse_scalar.is_marker` of a column from `strip_missing`."""
    return cell.str.to_lowercase().is_in(list(MARKERS)) | cell.str.contains(MARKER_PATTERN)


def is_number(cell: pl.Expr) -> pl.Expr:
    """True for plain numbers."""
    return cell.str.contains(f"^(?:{NUMBER_PATTERN})$")


def is_boolean(cell: pl.Expr) -> pl.Expr:
    """True for words that mean true or false."""
    return cell.str.to_lowercase().is_in(TRUE + FALSE)


def is_date(cell: pl.Expr) -> pl.Expr:
    """`parse_scalar.is_date` of a column from `strip_missing`."""
    return cell.map_batches(_is_date, return_dtype=pl.Boolean)


def _is_date(texts: pl.Series) -> pl.Series:
    if len(texts) <= FEW:
        return _each(texts, parse_scalar.is_date, pl.Boolean)
    texts = _dated(texts)
    written = _parse_written_dates(texts, 0, BUDDHIST)
    column = pl.col("c")
    numeric = (column.str.contains(pattern) for pattern in NUMERIC)
    return texts.to_frame("c").select(c=pl.any_horizontal(*numeric, pl.lit(written.is_not_null()))).to_series()


def _dated(texts: pl.Series) -> pl.Series:
    """`parse_scalar._dated` of a column."""
    if texts.str.contains(TRANSLATABLE).any():
        texts = texts.str.replace_many(list(TRANSLATED), list(TRANSLATED.values()))
    return _rewrite(texts, REORDERED)


def parse_boolean(cell: pl.Expr) -> pl.Expr:
    """1.0 for true, 0.0 for false, null for anything else."""
    low = cell.str.to_lowercase()
    return (
        pl.when(low.is_in((*TRUE, "1", "1.0"))).then(1).when(low.is_in((*FALSE, "0", "0.0"))).then(0).cast(pl.Float64)
    )


def normalize_number(cell: pl.Expr, style: str = "") -> pl.Expr:
    """`parse_scalar.normalize_number` of a column from `strip_missing`."""
    if not style:
        return cell
    return cell.map_batches(lambda texts: _normalize_number(texts, style), return_dtype=pl.String)


def _normalize_number(texts: pl.Series, style: str) -> pl.Series:
    if len(texts) <= FEW:
        return _each(texts, lambda text: parse_scalar.normalize_number(text, style), pl.String)
    return _rewrite(_common(_rewrite(texts, BEFORE_COMMON.get(style, ()))), STYLES[style])


def parse_number(cell: pl.Expr) -> pl.Expr:
    """The finite Float64 of a normalized cell, null where it is none."""
    value = cell.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def classify_fault(cell: pl.Expr) -> pl.Expr:
    """`parse_scalar.classify_fault` of a column from `strip_missing`."""
    return cell.map_batches(_classify_fault, return_dtype=pl.String)


def _classify_fault(texts: pl.Series) -> pl.Series:
    if len(texts) <= FEW:
        return _each(texts, parse_scalar.classify_fault, pl.String)
    text, plain = pl.col("text"), pl.col("plain")
    name = pl.when(text.str.contains(CLOSING)).then(pl.lit("accounting")).otherwise(pl.lit("notation"))
    chain: Any = pl.when(text.is_null()).then(None).when(is_marker(text)).then(pl.lit(parse_scalar.MARKER))
    chain = chain.when(is_number(plain) & plain.str.contains(PADDED)).then(pl.lit("text"))
    chain = chain.when(is_number(plain)).then(name)
    for fault, pattern in FAULTS:
        chain = chain.when(plain.str.contains(pattern)).then(pl.lit(fault))
    frame = pl.DataFrame({"text": texts, "plain": _common(texts)})
    return frame.select(chain.otherwise(pl.lit("text"))).to_series().alias(texts.name)


def _common(texts: pl.Series) -> pl.Series:
    other = texts.str.contains(r"[^\x00-\x7f]").fill_null(False)
    if other.any():
        signs, replacements = list(TRANSLATED), list(TRANSLATED.values())
        texts = texts.zip_with(~other, texts.str.replace_many(signs, replacements).str.strip_chars(BLANK))
    return _rewrite(texts, COMMON)


def _rewrite(texts: pl.Series, rules: tuple[Rule, ...]) -> pl.Series:
    for needed, substitutions in rules:
        mask = texts.str.contains(needed).fill_null(False)
        if not mask.any():
            continue
        rewritten = texts
        for pattern, replacement in substitutions:
            rewritten = rewritten.str.replace_all(pattern, replacement)
        texts = rewritten if mask.all() else texts.zip_with(~mask, rewritten)
    return texts


def parse_timestamp(cell: pl.Expr, form: str) -> pl.Expr:
    """`parse_scalar.parse_timestamp` of a column from `strip_missing`, as Int64."""
    return cell.map_batches(lambda texts: _parse_timestamp(texts, form), return_dtype=pl.Int64)


def date_part(when: pl.Expr, name: str) -> pl.Expr:
    """One of parse_scalar.PARTS of a column of seconds since 1970, as Int64."""
    return when.map_batches(lambda moments: _date_part(moments, name), return_dtype=pl.Int64)


# Eager and in NumPy: a Polars expression that uses its input twice at each step grows exponentially.
def _parse_timestamp(texts: pl.Series, form: str) -> pl.Series:
    unique = texts.drop_nulls().unique()
    if 2 * len(unique) > len(texts):
        return _parse_dates(texts, form)
    return texts.replace_strict(unique, _parse_dates(unique, form), default=None, return_dtype=pl.Int64)


def _parse_dates(texts: pl.Series, form: str) -> pl.Series:
    if len(texts) <= FEW:
        return _each(texts, lambda text: parse_scalar.parse_timestamp(text, form), pl.Int64)
    texts, order = _dated(texts), form.removesuffix(ERA)
    ahead = BUDDHIST if form != order else 0
    when = _parse_numeric_dates(texts, YEAR_FIRST, "iso", ahead)
    if order != "iso" and when.null_count() > texts.null_count():
        rest = texts.set(when.is_not_null(), None)
        when = when.zip_with(when.is_not_null(), _parse_numeric_dates(rest, YEAR_LAST, order, ahead))
    if when.null_count() > texts.null_count():
        rest = texts.set(when.is_not_null(), None)
        when = when.zip_with(when.is_not_null(), _parse_written_dates(rest, ahead))
    return when


def _parse_written_dates(texts: pl.Series, *ahead: int) -> pl.Series:
    """`parse_scalar.parse_written_date` of each text, called once per distinct text that looks like one."""
    unique = texts.drop_nulls().unique()
    unique = unique.filter((unique.str.len_chars() <= MAX_WRITTEN) & unique.str.contains("[0-9]"))
    lower = unique.str.to_lowercase().str.replace_many(list(SPACED), list(SPACED.values()))
    may_be = lower.str.contains(CANDIDATE) | lower.str.contains_any(list(NAMES))
    candidates = unique.filter(may_be)
    candidates = candidates.filter(lower.filter(may_be).str.contains(ANY_WRITTEN))
    if not len(candidates):
        return pl.Series(texts.name, [None], pl.Int64).new_from_index(0, len(texts))
    when = {text: parse_scalar.parse_candidate(text.lower(), *ahead) for text in candidates.to_list()}
    return texts.replace_strict(when, default=None, return_dtype=pl.Int64)


def _parse_numeric_dates(texts: pl.Series, pattern: str, form: str, ahead: int) -> pl.Series:
    groups = texts.str.extract_groups(pattern).struct.unnest()
    known = groups["1"].is_not_null().to_numpy()
    if not known.any():
        return pl.Series(texts.name, [None], pl.Int64).new_from_index(0, len(texts))
    clock = (pl.col("5"), pl.coalesce("6", "8"), pl.coalesce("7", "9"))
    numbers = groups.select(part.cast(pl.Int64).fill_null(0) for part in (*map(pl.col, "123"), *clock))
    parts = [number.to_numpy() for number in numbers.get_columns()]
    order = {"iso": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}[form]
    (year, month, day), (hour, minute, second) = (parts[index] for index in order), parts[3:]
    if form != "iso":
        is_short = (groups["3"].str.len_bytes() == 2).fill_null(False).to_numpy()
        known = known & (is_short if form == "ymd" else True)
        year = year + np.where(is_short, np.where(year >= PIVOT, 1900, 2000), -ahead)
    else:
        year = year - ahead
    known = known & (year >= FIRST_YEAR) if ahead else known
    if groups["4"].null_count() + groups["10"].null_count() < 2 * len(groups):
        noon = groups["4"].fill_null("") + groups["10"].fill_null("")
        afternoon = noon.str.to_lowercase().is_in(AFTERNOON).to_numpy()
        hour = np.where((noon != "").to_numpy() & (hour <= 12), hour % 12 + 12 * afternoon, hour)
    when = _days_from_civil(year, month, day)
    # A day is real when it comes back as itself, a 30 February does not.
    back_year, back_month = _civil_from_days(when)
    real = known & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (back_month == month)
    real &= (back_year == year) & (minute <= 59) & (second <= 59)
    real &= (hour <= 23) | ((hour == 24) & (minute == 0) & (second == 0))
    values = pl.Series(texts.name, when * 86400 + hour * 3600 + minute * 60 + second - _offsets(groups["11"]))
    return values.set(pl.Series(~real), None)


def _offsets(zones: pl.Series) -> np.ndarray:
    """Seconds east of UTC of each zone, 0 for none."""
    unique = zones.drop_nulls().unique().to_list()
    if not unique:
        return np.zeros(len(zones), np.int64)
    offsets = {zone: parse_scalar.zone_offset(zone) for zone in unique}
    return zones.replace_strict(offsets, default=0, return_dtype=pl.Int64).fill_null(0).to_numpy()


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
