"""Counts the different texts of a column of numbers, as long as they are few."""

from __future__ import annotations

import polars as pl

from tables.spellings import BLANK

MAX_VALUES = 1000  # distinct values counted per column
_MAX_PARTS, _MAX_ROWS = 64, 16 * MAX_VALUES  # that wait to be merged


class ValueCounts:
    """The cells of each text without blanks around it, while there are no more than MAX_VALUES different ones."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] | None = []
        self._rows = 0

    def add(self, texts: pl.Series, numbers: pl.Series) -> None:
        """Count `texts`, which are the `numbers`."""
        if self._parts is None:
            return
        if len(numbers) > 4 * MAX_VALUES and numbers.head(4 * MAX_VALUES).n_unique() > MAX_VALUES:
            self._parts = None
            return
        part = texts.alias("value").value_counts()
        self._parts.append(part)
        self._rows += len(part)
        if len(self._parts) > _MAX_PARTS or self._rows > _MAX_ROWS:
            self.counts()

    def counts(self) -> dict[str, int] | None:
        """{text: cells}, None for more than MAX_VALUES texts."""
        if not self._parts:
            return None if self._parts is None else {}
        merged: dict[str, int] = {}
        for part in self._parts:  # in Python: of a table of thousands of columns each has few
            for text, cells in zip(*(column.to_list() for column in part), strict=True):
                text = text.strip(BLANK)
                merged[text] = merged.get(text, 0) + cells
        self._rows = len(merged)
        if self._rows > MAX_VALUES:
            self._parts = None
            return None
        kinds = {"value": pl.String, "count": pl.UInt32}
        self._parts = [pl.DataFrame([list(merged), list(merged.values())], schema=kinds)]
        return merged
