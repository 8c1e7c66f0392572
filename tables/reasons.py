"""Reasons of a prediction in the columns of a table: what each column adds to the score of a row.

A column is encoded as one or more numbers; what they add is summed. Standard library and NumPy only, because endpoints
import it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from algorithms.contributions import Contributions
from tables.encode_row import RowEncoder
from tables.schema import encoding_of, feature_names
from tables.unseen import UnseenCategories


class RecordingEncoder(RowEncoder):
    """Encodes the rows of one request and records their cells: {column: values}, None before the first call."""

    cells: Mapping[str, Sequence[Any]] | None = None

    @classmethod
    def of(cls, encoder: RowEncoder) -> RecordingEncoder:
        """One that shares everything with `encoder`."""
        recording = copy.copy(encoder)
        recording.__class__ = cls
        assert isinstance(recording, cls)
        return recording

    def _encoded(self, values: Mapping[str, list], count: int, unseen: UnseenCategories | None) -> np.ndarray:
        self.cells = values
        return super()._encoded(values, count, unseen)


class ReasonColumns:
    """The columns that reasons name: those of a schema, or without one the numbers of a row by their names."""

    def __init__(self, schema: Mapping[str, Any] | None, features: int, names: Sequence[str] | None = None):
        if schema is None:
            self.names = list(names) if names and len(names) == features else [f"#{n + 1}" for n in range(features)]
            self._columns: list[Mapping[str, Any]] = []
            self._blocks = [slice(index, index + 1) for index in range(features)]
            self._classes: list[str] = []
            return
        self._columns = [column for column in schema["columns"] if column["role"] == "feature"]
        self.names = [column["name"] for column in self._columns]
        self._blocks = list(column_blocks(self._columns))
        self._classes = [str(name) for name in schema.get("classes") or ()]

    def sums(self, effects: np.ndarray) -> np.ndarray:
        """Effects of numbers (rows, features) as those of columns (rows, columns)."""
        if not self._columns:
            return effects
        return np.stack([effects[:, block].sum(axis=1) for block in self._blocks], axis=1)

    def documents(
        self, contributions: Contributions, values: Sequence[Sequence[Any]], count: int
    ) -> list[dict[str, Any]]:
        """The reasons of each row as JSON. `values` are the rows' values of the columns `names`, in that order.

        {"base", "start", "end", "scale", "class"?, "reasons": [{"column", "value", "effect"}], "rest"}: the `count`
        largest effects come first, "rest" is the sum of the others. "base", the effects and "rest" add up on "scale";
        "start" and "end" are the answers that belong to the base and to the sum, "class" is the class explained.
        """
        effects = self.sums(contributions.effects)
        order = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :count]
        documents = []
        for row, chosen in enumerate(order):
            reasons = [
                {"column": self.names[at], "value": values[row][at], "effect": float(effects[row, at])} for at in chosen
            ]
            rest = float(effects[row].sum() - effects[row, chosen].sum()) if len(chosen) < len(self.names) else 0.0
            document = {
                "base": float(contributions.base[row]), "start": float(contributions.start[row]),
                "end": float(contributions.end[row]), "scale": str(contributions.scale),
                "reasons": reasons, "rest": rest,
            }  # fmt: skip
            if (name := self._class(contributions, row)) is not None:
                document["class"] = name
            documents.append(document)
        return documents

    def values(self, encoded: np.ndarray) -> list[list[Any]]:
        """The values of the columns, decoded from encoded rows where possible: numbers and one-hot texts."""
        if not self._columns:
            return [[_number(number) for number in row] for row in encoded.tolist()]
        blocks = list(zip(self._columns, self._blocks, strict=True))
        return [[_value(column, row[block]) for column, block in blocks] for row in encoded.tolist()]

    def recorded(self, cells: Mapping[str, Sequence[Any]], rows: int) -> list[list[Any]]:
        """The values that a `RecordingEncoder` recorded, row by row; None for an empty text."""
        return [[None if cells[name][row] == "" else cells[name][row] for name in self.names] for row in range(rows)]

    def _class(self, contributions: Contributions, row: int) -> str | int | None:
        if contributions.classes is None:
            return self._classes[1] if len(self._classes) == 2 else None
        index = int(contributions.classes[row])
        return self._classes[index] if index < len(self._classes) else index


def column_blocks(columns: Sequence[Mapping[str, Any]]) -> Iterator[slice]:
    """The slice of each column's numbers in an encoded row."""
    at = 0
    for column in columns:
        count = len(feature_names(column))
        yield slice(at, at + count)
        at += count


def _value(column: Mapping[str, Any], numbers: list[float]) -> Any:
    encoding = encoding_of(column)
    if encoding in ("number", "boolean") and len(numbers) == 1 and "shift" not in column:
        return _number(numbers[0])
    if encoding == "one-hot" and "shift" not in column and 1.0 in numbers:
        return column["values"][numbers.index(1.0)]
    return None


def _number(number: float) -> float | int | None:
    if number != number:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
