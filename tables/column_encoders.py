"""Encodes the values of one column by a schema, one row at a time.

Standard library and NumPy only, because endpoints import it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from common.messages import _
from common.problems import Problem
from tables import parse_scalar, text_hash
from tables.parse_scalar import PARTS, is_missing
from tables.schema import encoding_of
from tables.spellings import BLANK
from tables.text_features import TextEncoder
from tables.text_hash import BITS, BUCKETS
from tables.unseen import MAX_TEXT, UnseenCategories, known_categories

_NAN = float("nan")
_MAX_NAMES = 20  # categories in a message
_PIECE = 4096  # cells that become rows at once: a millisecond
_LEADING_ZERO = re.compile(r"[-+]?0\d")
Encoder = Callable[[list, UnseenCategories], np.ndarray]


def column_encoder(column: Mapping[str, Any], refuses_unseen: bool = False) -> Encoder:
    """A function from the column's values, one a row, to float64 of shape (rows, the column's features).

    It counts each category that the training data did not have in its second argument, and encodes it as other: in no
    column of its own. It raises Problem with the column in `field` for a value that cannot be encoded, and with
    `refuses_unseen` for such a category.
    """
    name, kind = column["name"], encoding_of(column)
    if kind == "number":
        return lambda values, unseen: _encode_numbers(values, name, column)
    encode_one = _ENCODERS[kind](column)
    fill, known = column.get("fill"), known_categories(column)
    spellings = _number_spellings(known or ())

    def encode(values: list, unseen: UnseenCategories) -> np.ndarray:
        encoded = []
        for value in values:
            cell = cell_text(value)
            text = None if is_missing(cell) else cell.strip(BLANK)
            if text is not None and known is not None and text not in known:
                if type(value) in (int, float):
                    text = spellings.get(parse_scalar.number_label(text), text)
                if text not in known:
                    if refuses_unseen:
                        raise _refusal(column, text)
                    unseen.add(name, text)
            encoded.append(encode_one(text, fill))
        return _rows_of(encoded)

    return encode


def _rows_of(encoded: list) -> np.ndarray:
    """The encodings of cells as rows of an array, in pieces, between which other threads get the interpreter."""
    pieces = (encoded[start : start + _PIECE] for start in range(0, len(encoded), _PIECE))
    return np.concatenate([np.array(piece, float).reshape(len(piece), -1) for piece in pieces])


def _number_spellings(known: Collection[str]) -> dict[str, str]:
    """{number: category}, because a number in JSON has no spelling: 1 and 1.0 are the category "1.0", but not "01"."""
    spellings = {parse_scalar.number_label(text): text for text in sorted(known) if not _LEADING_ZERO.match(text)}
    spellings.pop("", None)
    return spellings


def _refusal(column: Mapping[str, Any], text: str) -> Problem:
    known = list(column["values"] if "values" in column else column["known"])
    more = _(" and %(n)s more", n=len(known) - _MAX_NAMES) if len(known) > _MAX_NAMES else ""
    return Problem(
        _(
            "%(column)s is %(value)s, which the training data did not have. It must be one of %(names)s%(more)s.",
            column=column["name"],
            value=repr(text[:MAX_TEXT]),
            names=", ".join(known[:_MAX_NAMES]),
            more=more,
        ),
        column["name"],
    )


def _encode_numbers(values: list, name: str, column: Mapping[str, Any]) -> np.ndarray:
    style, fill, is_none = column.get("numbers", ""), column.get("fill", _NAN), _missing_test(column)
    if all(type(value) in (float, int) for value in values):
        encoded = np.array(values, float)
        if np.isinf(encoded).any():
            raise Problem(_("%(name)s must be a finite number, for example 3.5.", name=name), name)
    else:
        encoded = np.empty(len(values))
        for position, value in enumerate(values):
            encoded[position] = _parse_number(value, name, style, is_none)
    return np.where(np.isnan(encoded), fill, encoded).reshape(-1, 1)


def _parse_number(value: Any, name: str, style: str, is_none: Callable[[str], bool]) -> float:
    if type(value) in (float, int):
        return float(value)
    text = cell_text(value)
    if is_missing(text):
        return _NAN
    number = parse_scalar.parse_number(text, style)
    if number is not None:
        return number
    if is_none(text):
        return _NAN
    raise Problem(_("%(name)s must be a number, for example 3.5.", name=name), name)


def _boolean(column: Mapping[str, Any]) -> Callable:
    is_none = _missing_test(column)

    def encode_one(text: str | None, fill: Any) -> list[float]:
        value = None if text is None else parse_scalar.parse_boolean(text)
        if value is not None:
            return [float(value)]
        if text is None or is_none(text):
            return [_NAN if fill is None else fill]
        raise Problem(_("%(column)s must be true or false.", column=column["name"]), column["name"])

    return encode_one


def _one_hot(column: Mapping[str, Any]) -> Callable:
    known = list(column["values"])

    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [float(text == value) for value in known]

    return encode_one


def _rank(column: Mapping[str, Any]) -> Callable:
    positions = {value: float(position) for position, value in enumerate(column["known"])}

    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [_NAN if text is None else positions.get(text, float(len(positions)))]

    return encode_one


def _code(column: Mapping[str, Any]) -> Callable:
    known = column["values"] if "values" in column else column["known"]
    positions = {value: float(position) for position, value in enumerate(known)}

    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [float(len(positions)) if text is None else positions.get(text, float(len(positions)))]

    return encode_one


def _index(column: Mapping[str, Any]) -> Callable:
    positions = {value: position for position, value in enumerate(column["values"])}

    def encode_one(text: str | None, fill: Any) -> np.ndarray:
        return _one_at(positions.get(text) if text is not None else None, len(positions))

    return encode_one


def _slots(column: Mapping[str, Any]) -> Callable:
    count = column["slots"]

    def encode_one(text: str | None, fill: Any) -> np.ndarray:
        return _one_at(text_hash.hash32(text) % count if text is not None else None, count)

    return encode_one


def _tfidf(column: Mapping[str, Any]) -> Callable:
    encoder = TextEncoder(column)

    def encode_one(text: str | None, fill: Any) -> np.ndarray:
        row = np.zeros(encoder.width)
        columns, values = encoder.encode(text)
        row[columns] = values
        return row

    return encode_one


def _one_at(position: int | None, width: int) -> np.ndarray:
    row = np.zeros(width)
    if position is not None:
        row[position] = 1
    return row


def _target(column: Mapping[str, Any]) -> Callable:
    means = dict(zip(column["known"], column["means"], strict=True))

    def encode_one(text: str | None, fill: Any) -> list[float]:
        return column["missing"] if text is None else means.get(text, column["other"])

    return encode_one


def _bits(column: Mapping[str, Any]) -> Callable:
    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [_NAN] * BITS if text is None else [float(bit) for bit in text_hash.hash_bits(text)]

    return encode_one


def _bucket(column: Mapping[str, Any]) -> Callable:
    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [float(BUCKETS) if text is None else float(text_hash.hash_bucket(text))]

    return encode_one


def _date(column: Mapping[str, Any]) -> Callable:
    positions, form, is_none = [PARTS.index(part) for part in column["parts"]], column["form"], _missing_test(column)

    def encode_one(text: str | None, fill: Any) -> list[float]:
        when = None if text is None else parse_scalar.parse_timestamp(text, form)
        if when is None and (text is None or is_none(text)):
            when = fill
            if when is None:
                return [_NAN] * len(positions)
        if when is None:
            raise Problem(
                _("%(column)s must be a date such as %(forms)s.", column=column["name"], forms=_FORMS[form]),
                column["name"],
            )
        value = parse_scalar.date_parts(int(when))
        return [float(value[position]) for position in positions]

    return encode_one


def _missing_test(column: Mapping[str, Any]) -> Callable[[str], bool]:
    """A function that is true for cells which mean "no value", though not in every column."""
    if column.get("unreadable") == "missing":
        return lambda text: True
    markers = frozenset(column.get("missing", ()))
    return lambda text: text.strip(BLANK) in markers or parse_scalar.is_marker(text)


_FORMS = {
    "iso": "2024-01-31 or 2024-01-31 15:30", "dmy": "31.01.2024", "mdy": "01/31/2024", "ymd": "24-01-31",
    "iso-be": "2567-01-31", "dmy-be": "31/01/2567",
}  # fmt: skip
_ENCODERS: Mapping[str, Callable[[Mapping[str, Any]], Callable]] = {
    "boolean": _boolean, "one-hot": _one_hot, "rank": _rank, "code": _code, "bits": _bits, "bucket": _bucket,
    "date": _date, "index": _index, "slots": _slots, "target": _target, "tfidf": _tfidf,
}  # fmt: skip


def cell_text(value: Any) -> str:
    """A JSON value as the text of a cell; null is "". Raises Problem for lists and objects."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value) or "nan"
    if isinstance(value, int):
        return str(value)
    raise Problem(_("%(n)s is no plain value. A cell is text, a number, true, false or null.", n=str(value)[:60]))


def number_text(value: float) -> str:
    """The shortest text of a number that parses to the same float64; "" for NaN."""
    if value != value:
        return ""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)
