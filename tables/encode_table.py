"""A schema's encodings for whole columns, in Polars; `tables.encode_row` says the same for a single row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from tables import parse_polars, parse_scalar
from tables.parse_scalar import BITS, BUCKETS, is_number
from tables.profile import ColumnProfile
from tables.schema import feature_names

_REMEMBERED = 200_000  # texts whose hash is kept
_HELPER = "\0"  # before the name of a column: what `helpers` made of it


_UNKNOWN = ColumnProfile("", "text", untidy=1)


def features(
    schema: Mapping[str, Any], seen: Mapping[str, ColumnProfile], as_text: bool, known: bool = True
) -> list[pl.Expr]:
    """The feature columns in the order of schema["features"], from a frame of text cells to which `helpers` were added.

    `as_text`: numbers that are not computed keep the digits they were written with, for CSV; else all are Float64.
    Not `known`: the frame is of another table than the one that was `seen`, and may hold what that did not.
    """
    made: list[pl.Expr] = []
    for column in schema["columns"]:
        if column["role"] != "feature":
            continue
        parts = _MAKERS[column["encoding"]](column, seen[column["name"]] if known else _UNKNOWN, as_text)
        for place, (name, part) in enumerate(zip(feature_names(column), parts, strict=True)):
            if "shift" in column:
                # Times the inverse, as a division by a constant may or may not be computed, and in `Rows` too.
                part = (part.cast(pl.Float64) - column["shift"][place]) * (1 / column["scale"][place])
            elif not as_text:
                part = part.cast(pl.Float64)
            made.append(part.alias(name))
    return made


def helpers(schema: Mapping[str, Any]) -> list[pl.Expr]:
    """Columns to add to the frame first: moments, hashes, bare texts, from which several features are made each."""
    made = []
    for column in schema["columns"]:
        if column["role"] != "feature":
            continue
        if column["encoding"] == "date":
            when = parse_polars.seconds(parse_polars.cleaned(pl.col(column["name"])), column["form"])
            made.append((when.fill_null(column["fill"]) if "fill" in column else when).alias(_HELPER + column["name"]))
        elif column["encoding"] in ("bits", "bucket"):
            function = parse_scalar.mixed if column["encoding"] == "bits" else parse_scalar.bucket
            made.append(_hashed(_cell(column), function).alias(_HELPER + column["name"]))
        elif column["encoding"] == "one-hot":
            made.append(_cell(column).alias(_HELPER + column["name"]))
    return made


def label(seen: ColumnProfile, classes: list[str]) -> pl.Expr:
    """The target as the number the algorithm learns: the label's place among `classes`, or the number as text."""
    cell = parse_polars.cleaned(pl.col(seen.name))
    if not classes:
        return _plain(cell, seen.numbers_as)
    place = {name: at for at, name in enumerate(classes)}
    if seen.kind == "number":
        # Two spellings of one number are one label, and so are numbers that differ beyond 12 digits.
        numbers = {float(text): place[f"{float(text):.12g}"] for text in seen.values or () if is_number(text)}
        numbers |= {float(name): at for name, at in place.items()}
        read = parse_polars.number(parse_polars.plain(cell, seen.numbers_as))
        return read.replace_strict(numbers, default=None, return_dtype=pl.Int64)
    return cell.replace_strict(place, default=None, return_dtype=pl.Int64)


def is_odd(column: ColumnProfile) -> pl.Expr:
    """The cells that are not what the column holds: no number, no date, neither true nor false."""
    cell = parse_polars.cleaned(pl.col(column.name))
    read = {
        "number": lambda: parse_polars.number(parse_polars.plain(cell, column.numbers_as)),
        "datetime": lambda: parse_polars.seconds(cell, column.dates or "iso"),
        "boolean": lambda: parse_polars.truth(cell),
    }.get(column.kind)
    return cell.is_not_null() & read().is_null() if read else pl.lit(False)


def _plain(cell: pl.Expr, style: str) -> pl.Expr:
    """A number's digits, null where it is none."""
    text = parse_polars.plain(cell, style).str.strip_prefix("+")
    return pl.when(parse_polars.number(text).is_not_null()).then(text)


def _number(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    raw = pl.col(column["name"])
    digits: pl.Expr
    if not seen.untidy and not seen.odd_count and not column.get("numbers"):
        digits = pl.when(raw != "").then(raw.str.strip_prefix("+"))
    else:
        digits = _plain(parse_polars.cleaned(raw), column.get("numbers", ""))
    if not as_text or "shift" in column:
        number = digits.cast(pl.Float64, strict=False)
        return [number.fill_null(column["fill"]) if "fill" in column else number]
    return [digits.fill_null(repr(float(column["fill"]))) if "fill" in column else digits]


def _boolean(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    value = parse_polars.truth(parse_polars.cleaned(pl.col(column["name"])))
    value = value.fill_null(column["fill"]) if "fill" in column else value
    return [value.cast(pl.Int64)]


def _cell(column: Mapping[str, Any]) -> pl.Expr:
    cell = parse_polars.cleaned(pl.col(column["name"]))
    return cell.fill_null(column["fill"]) if "fill" in column else cell


def _one_hot(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    cell = pl.col(_HELPER + column["name"])
    return [(cell == value).fill_null(False).cast(pl.Int64) for value in column["values"]]


def _rank(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [_places(_cell(column), column["known"])]


def _places(cell: pl.Expr, known: list[str]) -> pl.Expr:
    places = {value: place for place, value in enumerate(known)}
    place = cell.replace_strict(places, default=len(known), return_dtype=pl.Int64)
    return pl.when(cell.is_not_null()).then(place)


def _code(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    known = column["values"] if "values" in column else column["known"]
    return [_places(_cell(column), known).fill_null(len(known))]


def _bits(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    hashed = pl.col(_HELPER + column["name"])
    return [(hashed // (1 << bit)) % 2 * 2 - 1 for bit in range(BITS)]


def _bucket(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [pl.col(_HELPER + column["name"]).fill_null(BUCKETS)]


def _hashed(cell: pl.Expr, function: Callable[[str], int]) -> pl.Expr:
    """`function` of each text, called once for each different one."""
    remembered: dict[str, int] = {}

    def all_of(texts: pl.Series) -> pl.Series:
        unique = texts.drop_nulls().unique()
        if len(remembered) > _REMEMBERED:
            remembered.clear()
        places = {}
        for text in unique.to_list():
            place = remembered.get(text)
            if place is None:
                place = remembered[text] = function(text)
            places[text] = place
        return texts.replace_strict(places, default=None, return_dtype=pl.Int64)

    return cell.map_batches(all_of, return_dtype=pl.Int64)


def _date(column: Mapping[str, Any], seen: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [parse_polars.part(pl.col(_HELPER + column["name"]), part) for part in column["parts"]]


_MAKERS: Mapping[str, Callable[[Mapping[str, Any], ColumnProfile, bool], list[pl.Expr]]] = {
    "number": _number, "boolean": _boolean, "one-hot": _one_hot, "rank": _rank, "code": _code, "bits": _bits,
    "bucket": _bucket, "date": _date,
}  # fmt: skip
