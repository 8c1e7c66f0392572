"""CatBoost suits tables with much text, and every table on which it is quick."""

from __future__ import annotations

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _, ngettext

QUICK = 32 * 1024 * 1024  # bytes up to which its trees grow in minutes


def suggest(table: TableSummary) -> Suggestion | None:
    """Suggest CatBoost for a table with a high-cardinality category, with text in most columns, or up to QUICK."""
    if table.high_cardinality:
        reason = ngettext(
            "%(n)s text column has many values: CatBoost takes it as it is.",
            "%(n)s text columns have many values: CatBoost takes them as they are.",
            table.high_cardinality,
        )
        return Suggestion(2, reason)
    if table.text_columns * 2 > table.columns:
        return Suggestion(2, _("Most columns are text: CatBoost takes them as they are."))
    if table.size <= QUICK:
        return Suggestion(1, _("On tables of this size CatBoost is usually the most accurate without any tuning."))
    return None
