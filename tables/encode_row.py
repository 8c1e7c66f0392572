"""Rows as a person writes them, by column name or by position, as the numbers a model learned from.

Only the standard library and NumPy: endpoints import it, and answer with it while training libraries stay out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from common.messages import _, ngettext
from common.problems import Problem
from tables import parse_scalar
from tables import schema as schemas
from tables.parse_scalar import BITS, BUCKETS, PARTS, is_missing

MAX_NAMES = 20  # names in a refusal
_NAN = float("nan")


class RowEncoder:
    """Encodes rows by one schema. `names` are the columns a row needs, `features` the numbers they become.

    Every refusal is a Problem that names the column, also in `field`.
    """

    def __init__(self, schema: Mapping[str, Any]):
        self.schema = schema
        self.columns = [column for column in schema["columns"] if column["role"] == "feature"]
        self.names: list[str] = [column["name"] for column in self.columns]
        self.table: list[str] = [column["name"] for column in schema["columns"]]
        self.features: list[str] = list(schema["features"])
        self._known = set(self.table)
        self._encoders = [_encoder(column) for column in self.columns]

    def encode(self, rows: Sequence[Mapping[str, Any]], strict: bool = True) -> np.ndarray:
        """float64 (rows, features), missing as NaN. A value is text, a number, true, false or None.

        `strict`: every row names every column of `names`; otherwise one left out is missing. The target and columns
        that were left out of training may be there and are not looked at.
        """
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise Problem(
                    _(
                        "Row %(number)s is no object. Write each row as {%(example)s}.",
                        number=number,
                        example=self._example(),
                    )
                )
            for name in row:
                if name not in self._known:
                    raise Problem(
                        _("There is no column %(name)s. %(expected)s", name=repr(name), expected=self._expected()),
                        str(name),
                    )
            if strict and len(row) < len(self.table):
                for name in self.names:
                    if name not in row:
                        text = _(
                            "Column %(name)s is missing in row %(number)s. %(expected)s Send null for no value.",
                            name=name,
                            number=number,
                            expected=self._expected(),
                        )
                        raise Problem(text, name)
        return self._encoded({name: [row.get(name) for row in rows] for name in self.names}, len(rows))

    def read(self, body: bytes, content_type: str = "application/json") -> np.ndarray:
        """The rows of a request as `encode` makes them: JSON, JSON Lines, or CSV with or without a header.

        JSON is {"instances": [row, ...]}, a list of rows, or one row; a row is an object of columns.
        """
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "text/csv":
            return self.read_csv(body)
        try:
            if kind in ("application/jsonlines", "application/x-ndjson"):
                document: Any = [json.loads(line) for line in body.splitlines() if line.strip()]
            else:
                document = json.loads(body)
        except ValueError as e:
            raise Problem(_("The body is not %(kind)s: %(why)s.", kind=kind, why=e)) from e
        if isinstance(document, Mapping):
            document = document["instances"] if isinstance(document.get("instances"), list) else [document]
        if not isinstance(document, list) or not document:
            raise Problem(f'Send {{"instances": [{{{self._example()}}}]}}.')
        rows = [
            row["features"] if isinstance(row, Mapping) and "features" in row and "features" not in self._known else row
            for row in document
        ]
        if any(isinstance(row, list) for row in rows):
            return self.positions([["" if cell is None else _text(cell) for cell in row] for row in rows])
        return self.encode(rows)

    def read_csv(self, body: bytes) -> np.ndarray:
        """CSV whose first line is column names, or whose cells stand in the table's order."""
        rows = [row for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) if row]
        if not rows:
            raise Problem(_("There are no rows. %(expected)s", expected=self._expected()))
        head = [cell.strip() for cell in rows[0]]
        if not self._is_header(head):
            return self.positions(rows)
        for name in head:
            if name not in self._known:
                raise Problem(
                    _("There is no column %(name)s. %(expected)s", name=repr(name), expected=self._expected()), name
                )
            if head.count(name) > 1:
                raise Problem(_("Column %(name)s is there twice. Keep one of them.", name=name), name)
        for name in self.names:
            if name not in head:
                raise Problem(_("Column %(name)s is missing. %(expected)s", name=name, expected=self._expected()), name)
        if len(rows) == 1:
            raise Problem(_("There are column names and no row below them."))
        for number, row in enumerate(rows[1:], 1):
            if len(row) != len(head):
                raise Problem(
                    _(
                        "Row %(number)s has %(n)s cells, but %(n2)s columns are named.",
                        number=number,
                        n=len(row),
                        n2=len(head),
                    )
                )
        columns = {name: index for index, name in enumerate(head)}
        return self._encoded({n: [row[columns[n]] for row in rows[1:]] for n in self.names}, len(rows) - 1)

    def positions(self, rows: Sequence[Sequence[str]]) -> np.ndarray:
        """Rows by position: all numbers of `features`, the columns of `names`, or all columns of the table.

        As many numbers as `features` are taken as they are, which is what they would be on Amazon SageMaker.
        """
        width = len(rows[0])
        for number, row in enumerate(rows, 1):
            if len(row) != width:
                raise Problem(
                    _(
                        "Row %(number)s has %(n)s values, the first has %(width)s.",
                        number=number,
                        n=len(row),
                        width=width,
                    )
                )
        if width == len(self.features):
            encoded = _numbers(rows)
            if encoded is not None:
                return encoded
        order = self.names if width == len(self.names) else self.table if width == len(self.table) else None
        if order is None:
            raise Problem(self._widths(width))
        return self._encoded(
            {name: [row[index] for row in rows] for index, name in enumerate(order) if name in set(self.names)},
            len(rows),
        )

    def as_csv(self, encoded: np.ndarray) -> bytes:
        """The rows as an algorithm's endpoint takes them: a line each, nothing where a value is missing."""
        return "".join(",".join(map(_cell, row)) + "\n" for row in encoded.tolist()).encode()

    def _encoded(self, values: Mapping[str, list], count: int) -> np.ndarray:
        out = np.empty((count, len(self.features)))
        at = 0
        for column, encoder in zip(self.columns, self._encoders, strict=True):
            encoded = encoder(values[column["name"]])
            if "shift" in column:
                encoded = (encoded - np.asarray(column["shift"], float)) * (1 / np.asarray(column["scale"], float))
            out[:, at : at + encoded.shape[1]] = encoded
            at += encoded.shape[1]
        return out

    def _is_header(self, head: list[str]) -> bool:
        """Names are none of the numbers that a row would have, and at least one of them is a column's."""
        return any(cell in self._known for cell in head) and not any(parse_scalar.is_number(cell) for cell in head)

    def _expected(self) -> str:
        more = _(" and %(n)s more", n=len(self.names) - MAX_NAMES) if len(self.names) > MAX_NAMES else ""
        return _("The model takes %(names)s%(more)s.", names=", ".join(self.names[:MAX_NAMES]), more=more)

    def _example(self) -> str:
        return ", ".join(f'"{name}": ...' for name in self.names[:3]) + (", ..." if len(self.names) > 3 else "")

    def _widths(self, width: int) -> str:
        text = ngettext(
            "A row has %(n)s value. %(expected)s: %(values)s values",
            "A row has %(n)s values. %(expected)s: %(values)s values",
            width,
            expected=self._expected()[:-1],
            values=len(self.names),
        )
        if len(self.features) != len(self.names):
            text += _(", or the %(n)s numbers they become", n=len(self.features))
        return f"{text}."


def _encoder(column: Mapping[str, Any]) -> Callable[[list], np.ndarray]:
    """A function from the column's values to float64 (rows, the column's features)."""
    name, kind = column["name"], schemas.encoding_of(column)
    if kind == "number":
        return lambda values: _number_column(values, name, column)
    encode_one = _ENCODERS_BY_NAME[kind](column)
    fill = column.get("fill")

    def encode(values: list) -> np.ndarray:
        encoded = []
        for value in values:
            text = _text(value)
            encoded.append(encode_one(None if is_missing(text) else text.strip(parse_scalar.BLANK), fill))
        return np.array(encoded, float).reshape(len(values), -1)

    return encode


def _number_column(values: list, name: str, column: Mapping[str, Any]) -> np.ndarray:
    style, fill = column.get("numbers", ""), column.get("fill", _NAN)
    if all(type(value) in (float, int) for value in values):
        encoded = np.array(values, float)
        if np.isinf(encoded).any():
            raise Problem(_("%(name)s must be a finite number, for example 3.5.", name=name), name)
    else:
        encoded = np.empty(len(values))
        for position, value in enumerate(values):
            encoded[position] = _one_number(value, name, style)
    return np.where(np.isnan(encoded), fill, encoded).reshape(-1, 1)


def _one_number(value: Any, name: str, style: str) -> float:
    if type(value) in (float, int):
        return float(value)
    text = _text(value)
    if is_missing(text):
        return _NAN
    value = parse_scalar.parse_number(text, style)
    if value is None:
        raise Problem(_("%(name)s must be a number, for example 3.5.", name=name), name)
    return value


def _boolean(column: Mapping[str, Any]) -> Callable:
    def encode_one(text: str | None, fill: Any) -> list[float]:
        if text is None:
            return [_NAN if fill is None else fill]
        value = parse_scalar.parse_boolean(text)
        if value is None:
            raise Problem(_("%(column)s must be true or false.", column=column["name"]), column["name"])
        return [float(value)]

    return encode_one


def _one_hot(column: Mapping[str, Any]) -> Callable:
    known = list(column["values"])

    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        if text is not None and text not in known:
            raise Problem(
                _("%(column)s must be one of %(names)s.", column=column["name"], names=", ".join(known)), column["name"]
            )
        return [float(text == value) for value in known]

    return encode_one


def _rank(column: Mapping[str, Any]) -> Callable:
    positions = {value: float(position) for position, value in enumerate(column["known"])}

    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [_NAN if text is None else positions.get(text, float(len(positions)))]

    return encode_one


def _code(column: Mapping[str, Any]) -> Callable:
    closed = "values" in column
    positions = {value: float(position) for position, value in enumerate(column["values" if closed else "known"])}

    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        if text is not None and closed and text not in positions:
            raise Problem(
                _("%(column)s must be one of %(names)s.", column=column["name"], names=", ".join(positions)),
                column["name"],
            )
        return [float(len(positions)) if text is None else positions.get(text, float(len(positions)))]

    return encode_one


def _bits(column: Mapping[str, Any]) -> Callable:
    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [_NAN] * BITS if text is None else [float(bit) for bit in parse_scalar.hash_bits(text)]

    return encode_one


def _bucket(column: Mapping[str, Any]) -> Callable:
    def encode_one(text: str | None, fill: Any) -> list[float]:
        text = fill if text is None else text
        return [float(BUCKETS) if text is None else float(parse_scalar.hash_bucket(text))]

    return encode_one


def _date(column: Mapping[str, Any]) -> Callable:
    positions = [PARTS.index(part) for part in column["parts"]]

    def encode_one(text: str | None, fill: Any) -> list[float]:
        when = fill if text is None else parse_scalar.parse_timestamp(text, column["form"])
        if text is not None and when is None and column["form"] != "iso":
            when = parse_scalar.parse_timestamp(
                text, "iso"
            )  # from code, a date is often written so whatever the table has
        if when is None:
            if text is not None:
                raise Problem(
                    _(
                        "%(column)s must be a date such as %(forms)s.",
                        column=column["name"],
                        forms=_FORMS[column["form"]],
                    ),
                    column["name"],
                )
            return [_NAN] * len(positions)
        value = parse_scalar.date_parts(int(when))
        return [float(value[position]) for position in positions]

    return encode_one


_FORMS = {"iso": "2024-01-31 or 2024-01-31 15:30", "dmy": "31.01.2024", "mdy": "01/31/2024"}
_ENCODERS_BY_NAME: Mapping[str, Callable[[Mapping[str, Any]], Callable]] = {
    "boolean": _boolean, "one-hot": _one_hot, "rank": _rank, "code": _code, "bits": _bits, "bucket": _bucket,
    "date": _date,
}  # fmt: skip


def _numbers(rows: Sequence[Sequence[str]]) -> np.ndarray | None:
    """The cells as numbers, None when one is none."""
    out = np.empty((len(rows), len(rows[0])))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            value = _NAN if is_missing(cell) else parse_scalar.parse_number(cell)
            if value is None:
                return None
            out[i, j] = value
    return out


def _text(value: Any) -> str:
    """A JSON value as a cell would hold it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _cell(value) or "nan"
    if isinstance(value, int):
        return str(value)
    raise Problem(_("%(n)s is no plain value. A cell is text, a number, true, false or null.", n=str(value)[:60]))


def _cell(value: float) -> str:
    if value != value:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
