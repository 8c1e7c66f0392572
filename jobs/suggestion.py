"""Suggests an algorithm for a table, by what the algorithms say themselves."""

from __future__ import annotations

import algorithms
from algorithms.spec import Algorithm, TableSummary
from algorithms.suggestion import Suggestion
from tables import Inspection

MANY_VALUES = 20  # different values of a text column from which on a column each is too many


def summarize(table: Inspection) -> TableSummary:
    """What of `table` a suggestion goes by."""
    features = [c for c in table.columns if c.role == "feature" and c.type in ("category", "text", "binary")]
    texts = [c for c in features if c.kind == "text"]
    many = [c for c in texts if c.unique > MANY_VALUES and c.type == "category"]
    return TableSummary(len(table.columns), len(texts), len(many), table.size)


def suggest_algorithm(table: Inspection, on_aws: bool = False) -> tuple[Algorithm, Suggestion] | None:
    """The algorithm that suits `table` best, and why; None if none claims it.

    `on_aws` leaves out those that an image alone does not start on Amazon SageMaker.
    """
    summary = summarize(table)
    offered = [a for a in algorithms.ALGORITHMS.values() if not (on_aws and a.needs_on_aws)]
    suggestions = [(a, s) for a in offered if (s := a.suggest(summary))]
    return max(suggestions, key=lambda pair: pair[1].weight) if suggestions else None
