"""Streaming statistics of the first column of a raw table."""

from __future__ import annotations

import numpy as np

from preflight.raw_table import MAX_DISTINCT_LABELS, LabelStats, RawFile, RawTable
from tables.profile import Cell


def update_label_stats(table: RawTable, file: RawFile, label: np.ndarray, line: int) -> None:
    """Add the labels of the next rows to `table.label`.

    `label` is a float array of shape (rows,), NaN where a row has no label. Its first row is row `table.rows` + 1 of
    the table and line `line` + 1 of `file`. The caller adds the rows to `table.rows` afterwards.
    """
    stats, absent = table.label, np.isnan(label)
    if absent.any():
        stats.missing += int(absent.sum())
        at = int(np.argmax(absent))
        stats.first_missing = stats.first_missing or Cell(table.rows + at + 1, "", file.uri, line + at + 1)
    if stats.first_value is None and len(label) and not absent[0]:
        stats.first_value = float(label[0])
    if stats.is_consecutive and stats.first_value is not None:
        stats.is_consecutive = bool((label == stats.first_value + stats.rows + np.arange(len(label))).all())
    elif stats.first_value is None:
        stats.is_consecutive = False
    stats.rows += len(label)
    _add_numbers(stats, label[~absent])


def _add_numbers(stats: LabelStats, numbers: np.ndarray) -> None:
    if not len(numbers):
        return
    low, high = float(numbers.min()), float(numbers.max())
    stats.min = low if stats.min is None else min(low, stats.min)
    stats.max = high if stats.max is None else max(high, stats.max)
    stats.whole = stats.whole and bool((numbers == np.round(numbers)).all())
    if stats.values is not None:
        values, counts = np.unique(numbers, return_counts=True)
        for value, count in zip(values[: MAX_DISTINCT_LABELS + 1].tolist(), counts.tolist(), strict=False):
            stats.values[value] = stats.values.get(value, 0) + count
        if len(stats.values) > MAX_DISTINCT_LABELS:
            stats.values = None
