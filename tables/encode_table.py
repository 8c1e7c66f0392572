"""Encodes whole columns by a schema, in Polars.

`tables.encode_row` encodes single rows to the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from tables import parse_polars, parse_scalar, text_hash
from tables.limits import LONG_TEXT
from tables.profile import ColumnProfile
from tables.schema import feature_names
from tables.sparse_layout import SPARSE, TFIDF
from tables.text_features import TextEncoder
from tables.text_hash import BITS, BUCKETS

MAX_HASHES = 200_000  # texts in the hash cache of one column
INTERMEDIATE = "\0"  # prefix of the columns that `intermediates` adds
FOLD = INTERMEDIATE + "\0fold"  # the column with a row's fold, for texts that are encoded by their labels
LABEL = INTERMEDIATE + "\0label"  # the column with a row's label, from `label_column`
NO_STATISTICS: Mapping[str, np.ndarray] = MappingProxyType({})


_UNKNOWN = ColumnProfile("", "text", untidy=1)


def feature_columns(
    schema: Mapping[str, Any],
    profiles: Mapping[str, ColumnProfile],
    as_text: bool,
    same_table: bool = True,
    statistics: Mapping[str, np.ndarray] = NO_STATISTICS,
    plus: bool = True,
) -> list[pl.Expr]:
    """Expressions for the features in the order of schema["features"].

    A column that is sparse in a record is one expression, its place among the column's features; null is none. Words
    are one expression too, a struct of the lists "places" and "values".

    They apply to a frame of text cells with the columns of `intermediates`. `as_text` keeps the digits of numbers as
    written, for CSV; otherwise every feature is Float64. `same_table` False means that the frame is not of the table
    that was profiled, so that no shortcut is taken from `profiles`. `statistics` are those of
    `TargetStatistics.finish`; each row's fold is in the column FOLD. `plus` False means that no cell has a plus sign.
    """
    expressions: list[pl.Expr] = []
    for column in schema["columns"]:
        if column["role"] != "feature":
            continue
        if column["encoding"] == "target":
            encoded = _target(column, statistics[column["name"]])
        else:
            profile = profiles[column["name"]] if same_table else _UNKNOWN
            if as_text and not plus and _is_tidy(column, profile) and not column.keys() & {"fill", "shift"}:
                expressions.append(pl.col(column["name"]))  # an empty cell is written as a missing one is
                continue
            encoded = _ENCODERS[column["encoding"]](column, profile, as_text)
        names = feature_names(column) if column["encoding"] not in (*SPARSE, TFIDF) else [column["name"]]
        for index, (name, expression) in enumerate(zip(names, encoded, strict=True)):
            if "shift" in column:
                # Multiply by the inverse, as `RowEncoder` does: Polars may turn a division by a constant into this.
                expression = (expression.cast(pl.Float64) - column["shift"][index]) * (1 / column["scale"][index])
            elif not as_text and column["encoding"] != TFIDF:
                expression = expression.cast(pl.Float64)
            expressions.append(expression.alias(name))
    return expressions


def intermediates(schema: Mapping[str, Any]) -> list[pl.Expr]:
    """Columns to add to the frame before encoding: timestamps, hashes and cleaned texts that several features share."""
    expressions = []
    kind: type[pl.DataType]
    for column in schema["columns"]:
        if column["role"] != "feature":
            continue
        if column["encoding"] == "date":
            when = parse_polars.parse_timestamp(parse_polars.strip_missing(pl.col(column["name"])), column["form"])
            read, kind = when.fill_null(column["fill"]) if "fill" in column else when, pl.Int64
        elif column["encoding"] in ("bits", "bucket", "slots"):
            function = text_hash.hash_bucket if column["encoding"] == "bucket" else text_hash.hash32
            read, kind = _hashed(_cell(column), function), pl.Int64
        elif column["encoding"] == "target":
            cell, known = parse_polars.strip_missing(pl.col(column["name"])), column["known"]
            read, kind = _codes(cell, known).fill_null(len(known) + 1), pl.Int64
        elif column["encoding"] == "one-hot":
            read, kind = _cell(column), pl.String
        else:
            continue
        read = parse_polars.by_text(column["name"], read, kind)
        expressions.append(read.alias(INTERMEDIATE + column["name"]))
    return expressions


def parsed_cell(column: Mapping[str, Any], column_profile: ColumnProfile) -> pl.Expr:
    """The cell that a feature encodes, null where it is missing: a number or a moment as Float64, otherwise text.

    A boolean is "true" or "false".
    """
    name, cell = column["name"], parse_polars.strip_missing(pl.col(column["name"]))
    if column["encoding"] == "number":
        unfilled = {name: value for name, value in column.items() if name != "fill"}
        return _number(unfilled, column_profile, as_text=False)[0]
    if column["encoding"] == "date":
        moment = parse_polars.parse_timestamp(cell, column["form"]).cast(pl.Float64)
        return parse_polars.by_text(name, moment, pl.Float64)
    if column["encoding"] == "boolean":
        value = parse_polars.parse_boolean(cell)
        cell = pl.when(value.is_not_null()).then(pl.when(value != 0).then(pl.lit("true")).otherwise(pl.lit("false")))
    return cell if column["encoding"] == "tfidf" else parse_polars.by_text(name, cell, pl.String)


def label_column(column: ColumnProfile, classes: list[str]) -> pl.Expr:
    """The target: the label's position in `classes` as Int64, or the number as text without `classes`."""
    if not classes:
        return number_digits(column)
    return parse_polars.by_text(column.name, _position(column, classes), pl.Int64)


def _position(column: ColumnProfile, classes: list[str]) -> pl.Expr:
    cell = parse_polars.strip_missing(pl.col(column.name))
    position = {name: at for at, name in enumerate(classes)}
    if column.kind == "number":
        digits = _digits(cell, column.numbers_as)
        return digits.map_batches(lambda texts: _numbered(texts, position), return_dtype=pl.Int64)
    position |= {cell: position[label] for cell, label in column.labels.items()}
    stripped = pl.col(column.name).str.strip_chars(parse_polars.BLANK)
    cell = pl.when(stripped.is_in([*column.labels])).then(stripped).otherwise(cell) if column.labels else cell
    return cell.replace_strict(position, default=None, return_dtype=pl.Int64)


def _numbered(texts: pl.Series, position: Mapping[str, int]) -> pl.Series:
    """The position of the label of each number."""
    labels = {text: position.get(parse_scalar.number_label(text)) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(labels, default=None, return_dtype=pl.Int64)


def is_faulty(column: ColumnProfile) -> pl.Expr:
    """True for cells that cannot be parsed as the column's kind (number, datetime, boolean)."""
    cell = parse_polars.strip_missing(pl.col(column.name))
    read = {
        "number": lambda: parse_polars.parse_number(parse_polars.normalize_number(cell, column.numbers_as)),
        "datetime": lambda: parse_polars.parse_timestamp(cell, column.dates or "iso"),
        "boolean": lambda: parse_polars.parse_boolean(cell),
    }.get(column.kind)
    if read is None:
        return pl.lit(False)
    is_marker = parse_polars.is_marker(cell) if column.kind in ("number", "datetime") else pl.lit(False)
    return cell.is_not_null() & ~is_marker & read().is_null()


def number_digits(column: ColumnProfile) -> pl.Expr:
    """The digits of the numbers of a column, as text; null where the cell is no number."""
    return _digits(parse_polars.strip_missing(pl.col(column.name)), column.numbers_as)


def _digits(cell: pl.Expr, style: str) -> pl.Expr:
    """The digits of a number, null where the cell is not a number."""
    text = parse_polars.normalize_number(cell, style).str.strip_prefix("+")
    return pl.when(parse_polars.parse_number(text).is_not_null()).then(text)


def _is_tidy(column: Mapping[str, Any], column_profile: ColumnProfile) -> bool:
    """True if every cell is a plain number or empty."""
    odd = column_profile.untidy or column_profile.odd_count or column.get("numbers")
    return column["encoding"] == "number" and not odd


def _number(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    raw = pl.col(column["name"])
    digits: pl.Expr
    if _is_tidy(column, column_profile):
        digits = pl.when(raw != "").then(raw.str.strip_prefix("+"))
    else:
        digits = _digits(parse_polars.strip_missing(raw), column.get("numbers", ""))
    if not as_text or "shift" in column:
        value = digits.cast(pl.Float64, strict=False)
        return [value.fill_null(column["fill"]) if "fill" in column else value]
    return [digits.fill_null(repr(float(column["fill"]))) if "fill" in column else digits]


def _boolean(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    value = parse_polars.parse_boolean(parse_polars.strip_missing(pl.col(column["name"])))
    value = value.fill_null(column["fill"]) if "fill" in column else value
    return [parse_polars.by_text(column["name"], value.cast(pl.Int64), pl.Int64)]


def _cell(column: Mapping[str, Any]) -> pl.Expr:
    cell = parse_polars.strip_missing(pl.col(column["name"]))
    return cell.fill_null(column["fill"]) if "fill" in column else cell


def _one_hot(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    cell = pl.col(INTERMEDIATE + column["name"])
    return [(cell == value).fill_null(False).cast(pl.Int64) for value in column["values"]]


def _rank(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [parse_polars.by_text(column["name"], _codes(_cell(column), column["known"]), pl.Int64)]


def _codes(cell: pl.Expr, known: list[str]) -> pl.Expr:
    codes = {value: code for code, value in enumerate(known)}
    code = cell.replace_strict(codes, default=len(known), return_dtype=pl.Int64)
    return pl.when(cell.is_not_null()).then(code)


def _code(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    known = column["values"] if "values" in column else column["known"]
    return [parse_polars.by_text(column["name"], _codes(_cell(column), known).fill_null(len(known)), pl.Int64)]


def _bits(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    hashed = pl.col(INTERMEDIATE + column["name"])
    return [(hashed // (1 << bit)) % 2 * 2 - 1 for bit in range(BITS)]


def _bucket(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [pl.col(INTERMEDIATE + column["name"]).fill_null(BUCKETS)]


def _hashed(cell: pl.Expr, function: Callable[[str], int]) -> pl.Expr:
    """`function` of each text, called once per distinct text."""
    hash_cache: dict[str, int] = {}

    def all_of(texts: pl.Series) -> pl.Series:
        unique = texts.drop_nulls().unique()
        if len(hash_cache) > MAX_HASHES:
            hash_cache.clear()
        hashes = {}
        for text in unique.to_list():
            value = hash_cache.get(text)
            if value is None:
                value = function(text)
                if len(text) <= LONG_TEXT:
                    hash_cache[text] = value
            hashes[text] = value
        return texts.replace_strict(hashes, default=None, return_dtype=pl.Int64)

    return cell.map_batches(all_of, return_dtype=pl.Int64)


def _index(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    positions = {value: position for position, value in enumerate(column["values"])}
    position = _cell(column).replace_strict(positions, default=None, return_dtype=pl.Int64)
    return [parse_polars.by_text(column["name"], position, pl.Int64)]


def _slots(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [pl.col(INTERMEDIATE + column["name"]) % column["slots"]]


def _tfidf(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    encoder, kind = TextEncoder(column), pl.Struct({"places": pl.List(pl.Int64), "values": pl.List(pl.Float64)})

    def encode(texts: pl.Series) -> pl.Series:
        rows = [dict(zip(("places", "values"), encoder.encode(text), strict=True)) for text in texts]
        return pl.Series(texts.name, rows, kind)

    return [_cell(column).map_batches(encode, return_dtype=kind)]


def _target(column: Mapping[str, Any], means: np.ndarray) -> list[pl.Expr]:
    index = pl.col(FOLD) * means.shape[1] + pl.col(INTERMEDIATE + column["name"])
    return [pl.lit(pl.Series(feature.ravel())).gather(index) for feature in np.moveaxis(means, 2, 0)]


def _date(column: Mapping[str, Any], column_profile: ColumnProfile, as_text: bool) -> list[pl.Expr]:
    return [parse_polars.date_part(pl.col(INTERMEDIATE + column["name"]), date_part) for date_part in column["parts"]]


_ENCODERS: Mapping[str, Callable[[Mapping[str, Any], ColumnProfile, bool], list[pl.Expr]]] = {
    "number": _number, "boolean": _boolean, "one-hot": _one_hot, "rank": _rank, "code": _code, "bits": _bits,
    "bucket": _bucket, "date": _date, "index": _index, "slots": _slots,
    "tfidf": _tfidf,
}  # fmt: skip
