"""Linear Learner suits tables of sentences, whose words it learns from."""

from __future__ import annotations

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _


def suggest(table: TableSummary) -> Suggestion | None:
    """Suggest Linear Learner where half of the features or more are free text, which trees leave out."""
    if table.sentences and 2 * table.sentences >= table.features:
        return Suggestion(3, _("Most of the table is sentences: Linear Learner learns from their words."))
    return None
