"""XGBoost is the usual first choice."""

from algorithms.suggestion import Suggestion, TableSummary
from common.messages import _


def suggest(table: TableSummary) -> Suggestion:
    """A suggestion for every table, of the lowest weight."""
    return Suggestion(0, _("XGBoost is the best first choice for tables like this one."))
