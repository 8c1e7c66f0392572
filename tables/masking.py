"""Masks columns, chosen by name, in the bodies of requests and answers."""

from __future__ import annotations

import base64
import csv
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tables import parse_scalar
from tables.column_names import unique_names

MASK = "***"  # what is written instead of a value
MAX_JSON = 64 * 1024  # bytes of a mask


@dataclass(frozen=True)
class Mask:
    """The columns that are masked: by name, and by position in a row of a width.

    `positions` are {cells of a row: the cells that are masked}. A row that has neither names nor such a width is masked
    as a whole, and so is a body of a kind that is not read, because nobody can tell what is in it.
    """

    names: frozenset[str]
    positions: Mapping[int, frozenset[int]]

    @classmethod
    def of_schema(cls, schema: Mapping[str, Any], names: Sequence[str]) -> Mask:
        """The mask of the columns `names` for the rows that a model with this schema takes (tables.encode_row)."""
        chosen, columns = frozenset(names), schema["columns"]
        features = [column for column in columns if column["role"] == "feature"]
        encoded = {feature for column in features if column["name"] in chosen for feature in column.get("features", ())}
        positions: dict[int, frozenset[int]] = {}
        for cells in (
            [column["name"] in chosen for column in features],
            [column["name"] in chosen for column in columns],
            [feature in encoded for feature in schema.get("features", ())],
        ):
            at = frozenset(index for index, is_masked in enumerate(cells) if is_masked)
            positions[len(cells)] = positions.get(len(cells), frozenset()) | at
        return cls(chosen, positions)

    @classmethod
    def decode(cls, text: str) -> Mask:
        """The mask that `encode` wrote. Raises ValueError for any other text."""
        try:
            unpacker = zlib.decompressobj()
            packed = base64.urlsafe_b64decode(text.encode())
            document = json.loads(unpacker.decompress(packed, MAX_JSON))
            if not unpacker.eof:
                raise ValueError("it is cut off")
            names = frozenset(name for name in document["names"] if isinstance(name, str))
            positions = {int(width): frozenset(map(int, cells)) for width, cells in document["positions"].items()}
        except (ValueError, zlib.error, KeyError, TypeError, AttributeError, RecursionError) as e:
            raise ValueError(f"this is no mask of columns: {e}") from e
        return cls(names, positions)

    def encode(self) -> str:
        """The mask as letters, digits, "-", "_" and "=", which a tag takes."""
        positions = {width: sorted(cells) for width, cells in self.positions.items()}
        document = {"names": sorted(self.names), "positions": positions}
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()

    def request(self, body: bytes, content_type: str) -> bytes:
        """The body of a request with the chosen columns masked."""
        kind = content_type.partition(";")[0].strip().lower()
        try:
            text = body.decode("utf-8-sig")
            if kind == "text/csv":
                return self._csv(text).encode()
            if kind == "application/json":
                return _json_bytes(self._document(json.loads(text)))
            if kind in ("application/jsonlines", "application/x-ndjson"):
                return b"\n".join(
                    _json_bytes(self._document(json.loads(line))) for line in text.split("\n") if line.strip()
                )
        except (ValueError, csv.Error, RecursionError):
            pass
        return MASK.encode()

    def answer(self, body: bytes, content_type: str) -> bytes:
        """The body of an answer; reasons repeat values of the request, which are masked there too."""
        kind = content_type.partition(";")[0].strip().lower()
        if b'"reasons"' not in body:
            return body
        try:
            if kind == "application/json":
                return _json_bytes(self._reasons(json.loads(body)))
            return b"\n".join(
                _json_bytes(self._reasons(json.loads(line))) for line in body.split(b"\n") if line.strip()
            )
        except (ValueError, RecursionError):
            return MASK.encode()

    def _csv(self, text: str) -> str:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        named: frozenset[int] | None = None
        head = unique_names(rows[0]) if rows else []  # as tables.encode_row names the columns
        if not self.names.isdisjoint(head):
            named = frozenset(index for index, name in enumerate(head) if name in self.names)
            is_named = not self.names.isdisjoint(cell.strip() for cell in rows[0])
            if not is_named or any(map(parse_scalar.is_number, head)):  # perhaps values that read like names
                named |= self.positions.get(len(head), frozenset(range(len(head))))
            else:
                writer.writerow(rows.pop(0))
        for row in rows:
            cells = self._cells(len(row)) if named is None else named
            if named is not None and len(row) != len(head):  # an index without a name comes first
                cells = named | {index + 1 for index in named} | ({0} if "#1" in self.names else set())
            writer.writerow([MASK if index in cells else cell for index, cell in enumerate(row)])
        return out.getvalue().removesuffix("\n") if not text.endswith("\n") else out.getvalue()

    def _cells(self, width: int) -> frozenset[int]:
        """The cells to mask of a row of `width` cells without names: all of an unknown width."""
        return self.positions.get(width, frozenset(range(width)))

    def _document(self, node: Any) -> Any:
        return self._row(node) if isinstance(node, (dict, list)) else MASK  # a bare value has no name

    def _row(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {name: MASK if name.strip() in self.names else self._row(value) for name, value in node.items()}
        if not isinstance(node, list):
            return node
        if any(isinstance(item, (dict, list)) for item in node):
            return [self._row(item) if isinstance(item, (dict, list)) else MASK for item in node]
        cells = self._cells(len(node))
        return [MASK if index in cells else value for index, value in enumerate(node)]

    def _reasons(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._reasons(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "column" in node and "value" in node and (node["column"] in self.names or not self.positions):
            return node | {"value": MASK}
        return {name: self._reasons(value) for name, value in node.items()}


def _json_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
