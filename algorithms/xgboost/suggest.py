"""XGBoost is the usual first choice."""

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _


def suggest(table: TableSummary) -> Suggestion:
    """Suggest XGBoost for every table, with the lowest weight."""
    return Suggestion(0, _("XGBoost is the best first choice for tables like this one."))
