"""Counts cells that are written as earlier ones of their column were, so that each text is classified once."""

from __future__ import annotations

import polars as pl

MAX_KNOWN = 5000  # texts of one column
MAX_CHARACTERS = 1024 * 1024  # of them all


class KnownTexts:
    """The texts of one column of which another cell changes counts and nothing else.

    Their cells wait here until `take`.
    """

    def __init__(self) -> None:
        self._waiting: dict[str | None, int] = {}
        self._room = MAX_CHARACTERS
        self.cells = 0  # that wait

    def split(self, counts: pl.DataFrame) -> pl.DataFrame:
        """Count the known ones among distinct cells, columns raw and count; returns the others in their order."""
        if not self._waiting or len(counts) > MAX_KNOWN:
            return counts
        others = []
        for index, (raw, cells) in enumerate(zip(counts["raw"].to_list(), counts["count"].to_list(), strict=True)):
            if raw in self._waiting:
                self._waiting[raw] += cells
                self.cells += cells
            else:
                others.append(index)
        return counts if len(others) == len(counts) else counts[others]

    def add(self, raw: pl.Series) -> None:
        """From now on the texts `raw` are known, as far as there is room."""
        raw = raw.head(MAX_KNOWN - len(self._waiting))
        sizes = raw.str.len_chars().fill_null(0)
        fits = sizes.cum_sum() <= self._room
        self._room -= int(sizes.filter(fits).sum())
        for text in raw.filter(fits).to_list():
            self._waiting.setdefault(text, 0)

    def take(self) -> pl.DataFrame:
        """The cells that wait, columns raw and count, of which none waits afterwards."""
        waiting = {raw: cells for raw, cells in self._waiting.items() if cells}
        self._waiting, self.cells = dict.fromkeys(self._waiting, 0), 0
        return pl.DataFrame(
            {"raw": list(waiting), "count": list(waiting.values())}, schema={"raw": pl.String, "count": pl.UInt32}
        )
