"""Encodes rows, by column name or by position, as the features of a model.

Standard library and NumPy only, because endpoints import it.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from common.messages import _, ngettext
from common.problems import Problem
from tables import json_pieces, parse_scalar
from tables.column_encoders import cell_text, column_encoder, number_text
from tables.column_names import unique_names
from tables.parse_scalar import is_missing
from tables.unseen import UnseenCategories

MAX_NAMES = 20  # column names in a message


class RowEncoder:
    """Encodes rows by one schema.

    `names` are the columns that a row needs, `table` all columns of the table, `features` the encoded numbers. Every
    method raises Problem for rows that cannot be encoded, with the column in `field`.
    """

    def __init__(self, schema: Mapping[str, Any]):
        self.schema = schema
        self.columns = [column for column in schema["columns"] if column["role"] == "feature"]
        self.names: list[str] = [column["name"] for column in self.columns]
        self.table: list[str] = [column["name"] for column in schema["columns"]]
        self.features: list[str] = list(schema["features"])
        self._known = set(self.table)
        refuses_unseen = schema.get("unseen") == "refuse"
        self._encoders = [column_encoder(column, refuses_unseen) for column in self.columns]

    def encode(
        self, rows: Sequence[Mapping[str, Any]], strict: bool = True, unseen: UnseenCategories | None = None
    ) -> np.ndarray:
        """Encode rows of {column: value} as float64 of shape (rows, features), missing values as NaN.

        A value is text, a number, True, False or None. With `strict` every row must have every column of `names`;
        without, an absent column is missing. Blanks around a name do not count, as in a table's own header. The target
        and excluded columns are ignored. A category that the training
        data did not have is encoded as other, unless the schema refuses it, and counted in `unseen`.
        """
        named: list[Mapping[str, Any]] = []
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise Problem(
                    _(
                        "Row %(number)s is no object. Write each row as {%(example)s}.",
                        number=number,
                        example=self._example(),
                    )
                )
            if not self._known.issuperset(row):
                row = self._stripped(row)
            named.append(row)
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
        return self._encoded({name: [row.get(name) for row in named] for name in self.names}, len(rows), unseen)

    def read(
        self, body: bytes, content_type: str = "application/json", unseen: UnseenCategories | None = None
    ) -> np.ndarray:
        """Encode the body of a request: JSON, JSON Lines, or CSV with or without a header; shape as `encode`.

        JSON is {"instances": [row, ...]}, a list of rows, or one row; a row is an object of columns, or a list in
        one of the orders of `positions`.
        """
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "text/csv":
            return self.read_csv(body, unseen)
        try:
            if kind in ("application/jsonlines", "application/x-ndjson"):
                document: Any = [json.loads(line) for line in body.splitlines() if line.strip()]
            else:
                document = json_pieces.loads(body)
        except (ValueError, RecursionError) as e:
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
            cells = [["" if cell is None else cell_text(cell) for cell in row] for row in rows]
            return self.positions(cells, unseen)
        return self.encode(rows, unseen=unseen)

    def read_csv(self, body: bytes, unseen: UnseenCategories | None = None) -> np.ndarray:
        """Encode CSV whose first line is column names, or whose cells are in an order of `positions`."""
        try:
            rows = [row for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) if row]
        except csv.Error as e:
            raise Problem(_("The body is not %(kind)s: %(why)s.", kind="text/csv", why=e)) from e
        if not rows:
            raise Problem(_("There are no rows. %(expected)s", expected=self._expected()))
        head = unique_names(map(self._known_name, rows[0]))
        if len(rows) > 1 and len(rows[1]) == len(head) + 1 and self.table[:1] == ["#1"]:
            head = ["#1", *head]  # the names of the rows have no name
        if not self._is_header(head):
            return self.positions(rows, unseen)
        written = [cell.strip() for cell in rows[0]]
        for name, as_written in zip(head[len(head) - len(written) :], written, strict=True):
            if name not in self._known and written.count(as_written) > 1:
                raise Problem(_("Column %(name)s is there twice. Keep one of them.", name=as_written), as_written)
            if name not in self._known:
                raise Problem(
                    _("There is no column %(name)s. %(expected)s", name=repr(name), expected=self._expected()), name
                )
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
        return self._encoded({n: [row[columns[n]] for row in rows[1:]] for n in self.names}, len(rows) - 1, unseen)

    def positions(self, rows: Sequence[Sequence[str]], unseen: UnseenCategories | None = None) -> np.ndarray:
        """Encode rows by position: all numbers of `features`, the columns of `names`, or all columns of the table.

        As many numbers as `features` are used unchanged, as on Amazon SageMaker.
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
            encoded = _parse_numbers(rows)
            if encoded is not None:
                return encoded
        order = self.names if width == len(self.names) else self.table if width == len(self.table) else None
        if order is None:
            raise Problem(self._widths(width))
        return self._encoded(
            {name: [row[index] for row in rows] for index, name in enumerate(order) if name in set(self.names)},
            len(rows),
            unseen,
        )

    def as_csv(self, encoded: np.ndarray) -> bytes:
        """Encoded rows as CSV for an endpoint: missing values are empty, numbers parse to the same float64."""
        return "".join(",".join(map(number_text, row)) + "\n" for row in encoded.tolist()).encode()

    def _encoded(self, values: Mapping[str, list], count: int, unseen: UnseenCategories | None) -> np.ndarray:
        out = np.empty((count, len(self.features)))
        at, counter = 0, UnseenCategories() if unseen is None else unseen
        for column, encoder in zip(self.columns, self._encoders, strict=True):
            encoded = encoder(values[column["name"]], counter)
            if "shift" in column:
                encoded = (encoded - np.asarray(column["shift"], float)) * (1 / np.asarray(column["scale"], float))
            out[:, at : at + encoded.shape[1]] = encoded
            at += encoded.shape[1]
        return out

    def _known_name(self, name: str) -> str:
        """`name` as the table has it, which may be without blanks around it and with composed letters."""
        bare = name.strip()
        composed = unicodedata.normalize("NFC", bare)
        return next((one for one in (name, bare, composed) if one in self._known), bare)

    def _stripped(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """`row` by the names of the table, whose blanks at both ends reading it took off. Raises Problem for others."""
        stripped = {}
        for name, value in row.items():
            known = self._known_name(str(name))
            if known not in self._known:
                raise Problem(
                    _("There is no column %(name)s. %(expected)s", name=repr(name), expected=self._expected()),
                    str(name),
                )
            if known in stripped:
                raise Problem(_("Column %(name)s is there twice. Keep one of them.", name=known), known)
            stripped[known] = value
        return stripped

    def _is_header(self, head: list[str]) -> bool:
        """True for the names of all columns, or if no cell is a number and at least one is a column name."""
        if head in (self.table, self.names):
            return True
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


def _parse_numbers(rows: Sequence[Sequence[str]]) -> np.ndarray | None:
    """The cells as float64 (rows, cells), or None when one is not a number."""
    out = np.empty((len(rows), len(rows[0])))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            value = np.nan if is_missing(cell) else parse_scalar.parse_number(cell)
            if value is None:
                return None
            out[i, j] = value
    return out
