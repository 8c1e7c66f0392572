"""LightGBM suits large tables."""

from __future__ import annotations

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _

LARGE = 256 * 1024 * 1024  # bytes above which training time matters


def suggest(table: TableSummary) -> Suggestion:
    """Suggest LightGBM for a table of more than LARGE bytes, and for a comparison of any other."""
    if table.size > LARGE:
        return Suggestion(1, _("The table is large: LightGBM is quick on millions of rows."))
    return Suggestion(0, _("LightGBM is often as good as XGBoost, and quicker."))
