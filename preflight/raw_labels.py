"""Sums up the first column of a raw table, block by block."""

from __future__ import annotations

import numpy as np

from preflight.raw import MOST_VALUES, Labels, RawFile, RawTable
from tables.profile import Cell


def take_labels(table: RawTable, file: RawFile, label: np.ndarray, line: int) -> None:
    """Take in the labels of the next rows, NaN where there is none; the first stands after line `line`."""
    known, out = table.label, np.isnan(label)
    if out.any():
        known.missing += int(out.sum())
        at = int(np.argmax(out))
        known.first_missing = known.first_missing or Cell(table.rows + at + 1, "", file.uri, line + at + 1)
    if known.start is None and len(label) and not out[0]:
        known.start = float(label[0])
    if known.counts_rows and known.start is not None:
        known.counts_rows = bool((label == known.start + known.seen + np.arange(len(label))).all())
    elif known.start is None:
        known.counts_rows = False
    known.seen += len(label)
    _numbers(known, label[~out])


def _numbers(known: Labels, numbers: np.ndarray) -> None:
    if not len(numbers):
        return
    low, high = float(numbers.min()), float(numbers.max())
    known.min = low if known.min is None else min(low, known.min)
    known.max = high if known.max is None else max(high, known.max)
    known.whole = known.whole and bool((numbers == np.round(numbers)).all())
    if known.values is not None:
        values, counts = np.unique(numbers, return_counts=True)
        for value, count in zip(values[: MOST_VALUES + 1].tolist(), counts.tolist(), strict=False):
            known.values[value] = known.values.get(value, 0) + count
        if len(known.values) > MOST_VALUES:
            known.values = None
