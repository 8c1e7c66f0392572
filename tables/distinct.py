"""Counts different things in bounded memory by keeping those whose hash is rare enough (adaptive sampling, Wegman)."""

import numpy as np
import polars as pl


class Distinct:
    """How many different values a column has; within about 2 % above `MOST`."""

    MOST = 4096

    def __init__(self) -> None:
        self.level = 0
        self.kept = np.empty(0, np.uint64)

    def add(self, values: pl.Series) -> None:
        hashes = values.hash().to_numpy()
        if self.level:
            hashes = hashes[(hashes & _mask(self.level)) == 0]
        self.kept = np.union1d(self.kept, hashes)
        while len(self.kept) > self.MOST:
            self.level += 1
            self.kept = self.kept[(self.kept & _mask(self.level)) == 0]

    def estimate(self) -> int:
        return len(self.kept) << self.level


class Repeats:
    """How many rows equal an earlier one: exact up to MOST rows, above an estimate from the rows with rare hashes."""

    MOST = 1_000_000

    def __init__(self) -> None:
        self.level = self.count = 0
        self.hashes: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []

    def add(self, hashes: np.ndarray, start: int) -> None:
        """Rows in their order, the first being row `start` of the table."""
        rows = np.arange(start, start + len(hashes))
        if self.level:
            kept = (hashes & _mask(self.level)) == 0
            hashes, rows = hashes[kept], rows[kept]
        self.hashes.append(hashes)
        self.rows.append(rows)
        self.count += len(hashes)
        while self.count > self.MOST:
            self.level += 1
            every, places = np.concatenate(self.hashes), np.concatenate(self.rows)
            kept = (every & _mask(self.level)) == 0
            self.hashes, self.rows = [every[kept]], [places[kept]]
            self.count = int(kept.sum())

    def settle(self) -> tuple[int, int | None]:
        """(repeated rows, one of them by its place in the table)"""
        if not self.count:
            return 0, None
        every, places = np.concatenate(self.hashes), np.concatenate(self.rows)
        order = np.argsort(every, kind="stable")
        again = np.flatnonzero(every[order][1:] == every[order][:-1]) + 1
        self.hashes, self.rows = [np.unique(every)], []
        first = int(places[order[again]].min()) if len(again) else None
        return len(again) << self.level, first

    def shared(self, hashes: np.ndarray) -> int:
        """How many of these rows are among the settled ones; of the sample that was kept, an estimate."""
        if not self.hashes:
            return 0
        wanted = hashes[(hashes & _mask(self.level)) == 0] if self.level else hashes
        return int(np.isin(wanted, self.hashes[0]).sum()) << self.level


def _mask(level: int) -> np.uint64:
    return np.uint64((1 << level) - 1)
