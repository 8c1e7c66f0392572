"""Statistics of the training rows that a schema's encodings are fitted to, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from tables import encode_table
from tables.fit_encodings import CATEGORIES
from tables.moments import Moments
from tables.profile import ColumnProfile
from tables.text_features import SLOTS, encode_idf, slot_counts


class WordStatistics:
    """Counts in how many texts of one column of a schema each word is."""

    def __init__(self, column: dict[str, Any]):
        self.column, self.rows, self.texts = column, 0, np.zeros(SLOTS, np.int64)

    def add(self, cells: pl.Series) -> None:
        """Add texts, null where there is none."""
        for text in cells.drop_nulls():
            self.rows += 1
            self.texts[[*slot_counts(text)]] += 1

    def fit(self) -> None:
        """Write the words of these texts into the column; without any it is left out."""
        idf, count = encode_idf(self.texts, self.rows)
        self.column["idf"], self.column["features"] = idf, [f"{self.column['name']}#{n}" for n in range(1, count + 1)]
        if not count:
            self.column |= {"role": "excluded"}


class TrainingStatistics:
    """Counts the texts and sums the numbers of a schema's features.

    `profiles` are those of the whole table, by column. A column of more texts than its profile counts is not counted,
    nor is one of which no encoding takes anything: numbers that are neither filled in nor, if `scaled`, standardised.
    """

    def __init__(self, schema: Mapping[str, Any], profiles: Mapping[str, ColumnProfile], scaled: bool = True):
        self.table = profiles
        self.numbers: dict[str, Moments] = {}
        self.texts: dict[str, Counter[str]] = {}
        self.words: dict[str, WordStatistics] = {}
        self._cells: list[pl.Expr] = []
        for column in schema["columns"]:
            if column["role"] != "feature":
                continue
            name, profile = column["name"], profiles[column["name"]]
            if column["encoding"] in ("number", "date", "boolean", "bits") and not scaled and "fill" not in column:
                continue
            if column["encoding"] in ("number", "date"):
                self.numbers[name] = Moments()
            elif column["encoding"] == "tfidf":
                self.words[name] = WordStatistics(column)
            elif column["encoding"] in (*CATEGORIES, "boolean", "bits") and profile.values is not None:
                self.texts[name] = Counter()
            else:
                continue
            self._cells.append(encode_table.parsed_cell(column, profile).alias(name))

    @property
    def columns(self) -> set[str]:
        """The columns that `add` reads."""
        return {*self.numbers, *self.texts, *self.words}

    def add(self, frame: pl.DataFrame) -> None:
        """Add training rows, cells as text."""
        if not len(frame) or not self._cells:
            return
        parsed = frame.select(self._cells)
        for name, moments in self.numbers.items():
            values = parsed[name].drop_nulls()
            values = values.filter(values.is_finite())
            if len(values):
                moments.add(len(values), values.mean(), values.var(ddof=0), values.min(), values.max())  # type: ignore[arg-type]
        for name, words in self.words.items():
            words.add(parsed[name])
        for name, counts in self.texts.items():
            counts.update(dict(parsed[name].drop_nulls().alias("value").value_counts(name="count").iter_rows()))

    def fit_words(self) -> None:
        """Put the words of the rows added into the schema's columns."""
        for words in self.words.values():
            words.fit()

    def profiles(self) -> dict[str, ColumnProfile]:
        """The profiles of the table's columns with the mean, the deviation and the values of the rows added."""
        fitted = dict(self.table)
        for name, moments in self.numbers.items():
            mean, std = moments.result()
            fitted[name] = replace(fitted[name], mean=mean, std=std)
        for name, counts in self.texts.items():
            fitted[name] = replace(fitted[name], values=dict(counts))
        return fitted
