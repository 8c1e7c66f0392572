"""Loads and validates labelled rows from the files of a channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.contract import UserError
from algorithms.jumpstart.channels import CSV, Part, categorical_columns
from algorithms.jumpstart.log import info

VALIDATION_SHARE, SEED = 0.2, 200  # as in AWS's scripts: the share of validation rows, and the seed of the split
MAX_CODES = 2**24  # above it float32 cannot represent every integer


@dataclass
class LabelledRows:
    """Labelled rows: `label` float32 (rows,), `features` float32 (rows, columns), missing values as NaN."""

    label: np.ndarray
    features: np.ndarray

    def take(self, mask: np.ndarray) -> LabelledRows:
        """Return the rows that the boolean mask (rows,) selects."""
        return LabelledRows(self.label[mask], self.features[mask])


@dataclass
class TrainingData:
    """The rows of a job.

    `categories` are the columns with codes. `sampled` is True if `held_out` was split from the train channel.
    """

    train: LabelledRows
    held_out: LabelledRows
    categories: list[int]
    sampled: bool

    @property
    def all_rows(self) -> LabelledRows:
        """The rows of both parts."""
        return LabelledRows(self.labels, np.concatenate([self.train.features, self.held_out.features]))

    @property
    def labels(self) -> np.ndarray:
        """The labels of both parts, float32 (rows,)."""
        return np.concatenate([self.train.label, self.held_out.label])


def load_data(train: Part, validation: Part | None, title: str, threads: int = 1) -> TrainingData:
    """Load both parts. Without a validation part, a fifth of the rows is split off at random. Raises UserError."""
    info("Loading data")
    rows = _read(train, title, threads)
    codes = categorical_columns(train, rows.features.shape[1])
    if validation is None:
        check_codes(rows, codes, train.name)
        return _split(rows, codes)
    held_out = _read(validation, title, threads)
    if held_out.features.shape[1] != rows.features.shape[1]:
        raise UserError(
            f"The train channel has {rows.features.shape[1]} columns of features, "
            f"the validation channel {held_out.features.shape[1]}. Both need the same columns."
        )
    for part, name in ((rows, train.name), (held_out, validation.name)):
        check_codes(part, codes, name)
    return TrainingData(rows, held_out, codes, sampled=False)


def _split(rows: LabelledRows, codes: list[int]) -> TrainingData:
    count = len(rows.label)
    if count < 2:
        raise UserError("There is one row of data. At least two are needed: one to learn from, one to judge by.")
    order = np.random.RandomState(SEED).permutation(count)
    count_held_out = max(1, round(count * VALIDATION_SHARE))
    held_out = np.zeros(count, bool)
    held_out[order[:count_held_out]] = True
    info(
        f"Validation data is not found. {VALIDATION_SHARE:.0%} of training data is randomly selected as validation "
        f"data. The seed for random sampling is {SEED}."
    )
    return TrainingData(rows.take(~held_out), rows.take(held_out), codes, sampled=True)


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
        # LightGBM treats an empty label as a number. CatBoost refuses it, but does not name the row.
        raise UserError(
            f"Row {empty[0] + 1} of channel {channel} has no label in its first column ({len(empty)} such rows). "
            "Leave out the rows without a label."
        )
    infinite = np.flatnonzero(np.isinf(rows.label) | np.isinf(rows.features).any(axis=1))
    if len(infinite):
        raise UserError(
            f"Input data contains `inf` or a value too large, first in row {infinite[0] + 1} of channel {channel}."
        )


def check_codes(rows: LabelledRows, codes: list[int], channel: str) -> None:
    """Raise UserError for a cell of the columns `codes` that is no category's code."""
    for index in codes:
        column = rows.features[:, index]
        wrong = np.flatnonzero(~(np.isnan(column) | ((column >= 0) & (column < MAX_CODES) & (column % 1 == 0))))
        if len(wrong):
            raise UserError(
                f"Column {index + 1} of channel {channel} is named in categorical_index.json, but row {wrong[0] + 1} "
                f"holds {column[wrong[0]]:g}. A category is a whole number from 0 to {MAX_CODES - 1}, or empty."
            )
