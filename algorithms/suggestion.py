"""Suggests an algorithm for a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class TableSummary(NamedTuple):
    """Properties of a table before training. `high_cardinality` counts the text columns with many values."""

    columns: int
    features: int  # columns that are learned from
    text_columns: int  # of them, those whose cells are text
    high_cardinality: int
    sentences: int  # of them, those of free text
    size: int  # bytes


class Suggestion(NamedTuple):
    """A sentence on why an algorithm suits a table. The suggestion with the highest weight wins."""

    weight: int
    reason: str


Suggest = Callable[[TableSummary], Suggestion | None]


def no_suggestion(table: TableSummary) -> Suggestion | None:
    """Return no suggestion."""
    return None
