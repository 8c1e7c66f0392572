"""CatBoost suits tables with much text."""

from __future__ import annotations

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _, ngettext


def suggest(table: TableSummary) -> Suggestion | None:
    """Suggest CatBoost for a table with a high-cardinality category, or with text in most columns."""
    if table.high_cardinality:
        reason = ngettext(
            "%(n)s text column has many values: CatBoost takes it as it is.",
            "%(n)s text columns have many values: CatBoost takes them as they are.",
            table.high_cardinality,
        )
        return Suggestion(2, reason)
    if table.text_columns * 2 > table.columns:
        return Suggestion(2, _("Most columns are text: CatBoost takes them as they are."))
    return None
