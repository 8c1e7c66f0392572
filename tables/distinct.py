"""Counts different things in bounded memory by keeping those whose hash is rare enough (adaptive sampling, Wegman)."""

import numpy as np
import polars as pl


class DistinctCounter:
    """How many different values a column has; within about 2 % above `MOST`."""

    CAPACITY = 4096

    def __init__(self) -> None:
        self.level = 0
        self.sample = np.empty(0, np.uint64)

    def add(self, values: pl.Series) -> None:
        hashes = values.hash().to_numpy()
        if self.level:
            hashes = hashes[(hashes & _mask(self.level)) == 0]
        self.sample = np.union1d(self.sample, hashes)
        while len(self.sample) > self.CAPACITY:
            self.level += 1
            self.sample = self.sample[(self.sample & _mask(self.level)) == 0]

    def estimate(self) -> int:
        return len(self.sample) << self.level


class DuplicateCounter:
    """How many rows equal an earlier one: exact up to MOST rows, above an estimate from the rows with rare hashes."""

    CAPACITY = 1_000_000

    def __init__(self) -> None:
        self.level = self.count = 0
        self.hashes: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []

    def add(self, hashes: np.ndarray, start: int) -> None:
        """Rows in their order, the first being row `start` of the table."""
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
        """(repeated rows, one of them by its place in the table)"""
        if not self.count:
            return 0, None
        all_hashes, all_rows = np.concatenate(self.hashes), np.concatenate(self.rows)
        order = np.argsort(all_hashes, kind="stable")
        repeated = np.flatnonzero(all_hashes[order][1:] == all_hashes[order][:-1]) + 1
        self.hashes, self.rows = [np.unique(all_hashes)], []
        first = int(all_rows[order[repeated]].min()) if len(repeated) else None
        return len(repeated) << self.level, first

    def count_shared(self, hashes: np.ndarray) -> int:
        """How many of these rows are among the settled ones; of the sample that was kept, an estimate."""
        if not self.hashes:
            return 0
        sampled = hashes[(hashes & _mask(self.level)) == 0] if self.level else hashes
        return int(np.isin(sampled, self.hashes[0]).sum()) << self.level


def _mask(level: int) -> np.uint64:
    return np.uint64((1 << level) - 1)
