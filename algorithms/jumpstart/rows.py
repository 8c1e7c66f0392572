"""Labelled rows from a part's files, checked for everything that would make a model worthless in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.contract import UserError
from algorithms.jumpstart.channels import CSV, Part, categorical
from algorithms.jumpstart.log import say

HELD_OUT, SEED = 0.2, 200  # as AWS's scripts: the share of train that judges, and the seed it is drawn with
MOST_CODES = 2**24  # above it float32 no longer tells neighbours apart


@dataclass
class LabelledRows:
    """`label` float32 (rows,), `features` float32 (rows, columns) with NaN where a value is missing."""

    label: np.ndarray
    features: np.ndarray

    def take(self, which: np.ndarray) -> LabelledRows:
        return LabelledRows(self.label[which], self.features[which])


@dataclass
class Data:
    """What a job trains on. `categories` are the columns of `features` that hold codes; `sampled`: nobody held rows."""

    train: LabelledRows
    held: LabelledRows
    categories: list[int]
    sampled: bool

    @property
    def labels(self) -> np.ndarray:
        return np.concatenate([self.train.label, self.held.label])


def load(train: Part, validation: Part | None, title: str, threads: int = 1) -> Data:
    """Read both parts; without a validation part a fifth of the rows is drawn for it. Raises UserError."""
    say("Loading data")
    rows = _read(train, title, threads)
    codes = categorical(train, rows.features.shape[1])
    if validation is None:
        _check_codes(rows, codes, train.name)
        return _split(rows, codes)
    held = _read(validation, title, threads)
    if held.features.shape[1] != rows.features.shape[1]:
        raise UserError(
            f"The train channel has {rows.features.shape[1]} columns of features, "
            f"the validation channel {held.features.shape[1]}. Both need the same columns."
        )
    for part, name in ((rows, train.name), (held, validation.name)):
        _check_codes(part, codes, name)
    return Data(rows, held, codes, sampled=False)


def _split(rows: LabelledRows, codes: list[int]) -> Data:
    count = len(rows.label)
    if count < 2:
        raise UserError("There is one row of data. At least two are needed: one to learn from, one to judge by.")
    order = np.random.RandomState(SEED).permutation(count)
    wanted = max(1, round(count * HELD_OUT))
    held = np.zeros(count, bool)
    held[order[:wanted]] = True
    say(
        f"Validation data is not found. {HELD_OUT:.0%} of training data is randomly selected as validation data. "
        f"The seed for random sampling is {SEED}."
    )
    return Data(rows.take(~held), rows.take(held), codes, sampled=True)


def _read(part: Part, title: str, threads: int) -> LabelledRows:
    # Imported here because a job needs one format, and Arrow's readers take 0.1 s each to import.
    if part.kind == CSV:
        from algorithms.formats.csv_table import read_csv, sniff_delimiter

        delimiter = sniff_delimiter(part.files[0], part.compression)
        tables = [read_csv(path, delimiter, part.compression, threads > 1, title) for path in part.files]
    else:
        from algorithms.formats.parquet_table import read_parquet

        tables = [read_parquet(path, part.compression) for path in part.files]
    width = tables[0].shape[1]
    for table, path in zip(tables, part.files, strict=True):
        if table.shape[1] != width:
            raise UserError(
                f"File '{path.name}' of channel {part.name} has {table.shape[1]} columns, file '{part.files[0].name}' "
                f"has {width}. All files must have the same columns."
            )
    if width < 2:
        raise UserError(f"Channel {part.name} has one column only: the first is the label, the features follow it.")
    data = tables[0] if len(tables) == 1 else np.concatenate(tables)
    rows = LabelledRows(np.ascontiguousarray(data[:, 0]), np.ascontiguousarray(data[:, 1:]))
    _check(rows, part.name)
    return rows


def _check(rows: LabelledRows, channel: str) -> None:
    if not len(rows.label):
        raise UserError(f"Channel {channel} has no rows.")
    empty = np.flatnonzero(np.isnan(rows.label))
    if len(empty):
        # LightGBM takes an empty label for a number and goes on; CatBoost refuses it, without saying where.
        raise UserError(
            f"Row {empty[0] + 1} of channel {channel} has no label in its first column ({len(empty)} such rows). "
            "Leave out the rows without a label."
        )
    endless = np.flatnonzero(np.isinf(rows.label) | np.isinf(rows.features).any(axis=1))
    if len(endless):
        raise UserError(
            f"Input data contains `inf` or a value too large, first in row {endless[0] + 1} of channel {channel}."
        )


def _check_codes(rows: LabelledRows, codes: list[int], channel: str) -> None:
    for place in codes:
        column = rows.features[:, place]
        wrong = np.flatnonzero(~(np.isnan(column) | ((column >= 0) & (column < MOST_CODES) & (column % 1 == 0))))
        if len(wrong):
            raise UserError(
                f"Column {place + 1} of channel {channel} is named in categorical_index.json, but row {wrong[0] + 1} "
                f"holds {column[wrong[0]]:g}. A category is a whole number from 0 to {MOST_CODES - 1}, or empty."
            )
