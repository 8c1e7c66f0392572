"""Which columns hold sentences, and about how many different words these have."""

from __future__ import annotations

from tables.profile import ColumnProfile
from tables.text_features import SLOTS

MIN_WORDS = 5  # of a cell, on average
MIN_DISTINCT = 0.5  # of the cells
_HEAPS = 15.0  # about so many words times the root of their number are in two texts or more (Heaps' law)


def is_free_text(column: ColumnProfile) -> bool:
    """True for a text of several words of which most rows have one of their own."""
    are_words = column.kind == "text" and column.words >= MIN_WORDS and not column.identifies
    return are_words and column.distinct >= MIN_DISTINCT * column.present > 0


def expected_features(column: ColumnProfile) -> int:
    """About how many words of the column will be features; what training rows have is known when they were read."""
    return max(1, min(SLOTS // 2, round(_HEAPS * (column.present * column.words) ** 0.5)))
