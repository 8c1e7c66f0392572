"""LightGBM suits large tables."""

from __future__ import annotations

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _

LARGE = 256 * 1024 * 1024  # bytes above which training time matters


def suggest(table: TableSummary) -> Suggestion | None:
    """Suggest LightGBM for a table of more than LARGE bytes."""
    if table.size > LARGE:
        return Suggestion(1, _("The table is large: LightGBM is quick on millions of rows."))
    return None
