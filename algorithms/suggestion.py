"""When an algorithm is suggested for a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class TableSummary(NamedTuple):
    """What is known of a table before training. `high_cardinality` counts the text categories with many values."""

    columns: int
    text_columns: int  # feature columns whose cells are text
    high_cardinality: int
    size: int  # bytes


class Suggestion(NamedTuple):
    """Why an algorithm suits a table, as a sentence for a person. Of several, the one of the highest weight counts."""

    weight: int
    reason: str


Suggest = Callable[[TableSummary], Suggestion | None]


def never(table: TableSummary) -> Suggestion | None:
    """No suggestion for any table."""
    return None
