"""Approximate distinct and duplicate counts in bounded memory.

Both keep the hashes whose lowest `level` bits are zero and raise `level` when memory is full (Wegman's adaptive
sampling; P. Flajolet, "On adaptive sampling", Computing 43, 1990).
"""

import numpy as np
import polars as pl


class DistinctCounter:
    """Counts distinct values: exact up to CAPACITY, with a standard error of about 2 % above."""

    CAPACITY = 4096

    def __init__(self) -> None:
        self.level = 0
        self.sample = np.empty(0, np.uint64)
        self._waiting: list[np.ndarray] = []
        self._room = self.CAPACITY

    def add(self, values: pl.Series) -> None:
        """Count `values`."""
        hashes = values.hash().to_numpy()
        if self.level:
            hashes = hashes[(hashes & _mask(self.level)) == 0]
        self._waiting.append(hashes)
        self._room -= len(hashes)
        if self._room < 0:
            self._merge()

    def _merge(self) -> None:
        self.sample = _different(np.sort(np.concatenate([self.sample, *self._waiting])))
        self._waiting, self._room = [], 4 * self.CAPACITY
        while len(self.sample) > self.CAPACITY:
            self.level += 1
            self.sample = self.sample[(self.sample & _mask(self.level)) == 0]

    def estimate(self) -> int:
        """The number of distinct values added."""
        self._merge()
        return len(self.sample) << self.level


class DuplicateCounter:
    """Counts rows that equal an earlier one: exact up to CAPACITY rows, an estimate from a sample above."""

    CAPACITY = 1_000_000

    def __init__(self) -> None:
        self.level = self.count = 0
        self.hashes: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []

    def add(self, hashes: np.ndarray, start: int) -> None:
        """Add the hashes (uint64) of consecutive rows; the first is row `start` of the table."""
        rows = np.arange(start, start + len(hashes))
        if self.level:
            sampled = (hashes & _mask(self.level)) == 0
            hashes, rows = hashes[sampled], rows[sampled]
        self.hashes.append(hashes)
        self.rows.append(rows)
        self.count += len(hashes)
        while self.count > self.CAPACITY:
            self.level += 1
            all_hashes, all_rows = np.concatenate(self.hashes), np.concatenate(self.rows)
            sampled = (all_hashes & _mask(self.level)) == 0
            self.hashes, self.rows = [all_hashes[sampled]], [all_rows[sampled]]
            self.count = int(sampled.sum())

    def finish(self) -> tuple[int, int | None]:
        """(number of repeated rows, index of one of them or None); call once, after the last `add`."""
        if not self.count:
            return 0, None
        all_hashes, all_rows = np.concatenate(self.hashes), np.concatenate(self.rows)
        in_order = np.sort(all_hashes)
        repeated = in_order[1:][in_order[1:] == in_order[:-1]]
        self.hashes, self.rows = [_different(in_order)], []
        first = _first_repeated(all_hashes, all_rows, repeated) if len(repeated) else None
        return len(repeated) << self.level, first

    def count_shared(self, hashes: np.ndarray) -> int:
        """How many of these row hashes were added before `finish`; an estimate when the rows were sampled."""
        if not self.hashes:
            return 0
        sampled = hashes[(hashes & _mask(self.level)) == 0] if self.level else hashes
        return int(np.isin(sampled, self.hashes[0]).sum()) << self.level


def _different(in_order: np.ndarray) -> np.ndarray:
    """The different ones of sorted hashes. NumPy's `unique` fills a table of them, which takes longer than sorting."""
    return in_order[np.concatenate([[True], in_order[1:] != in_order[:-1]])] if len(in_order) else in_order


def _first_repeated(hashes: np.ndarray, rows: np.ndarray, repeated: np.ndarray) -> int:
    """The first of the ascending `rows` whose hash an earlier row has; `repeated` are the hashes of several rows."""
    several = np.isin(hashes, repeated)
    hashes, rows = hashes[several], rows[several]
    order = np.argsort(hashes, kind="stable")
    is_later = hashes[order][1:] == hashes[order][:-1]
    return int(rows[order[1:][is_later]].min())


def _mask(level: int) -> np.uint64:
    return np.uint64((1 << level) - 1)
