"""Suggests an algorithm for a table, by what the algorithms say themselves."""

from __future__ import annotations

import algorithms
from algorithms.spec import Algorithm, TableSummary
from algorithms.suggestion import Suggestion
from tables import Inspection
from tables.free_text import is_free_text

MANY_VALUES = 20  # different values of a text column from which on a column each is too many


def summarize(table: Inspection) -> TableSummary:
    """What of `table` a suggestion goes by."""
    features = [c for c in table.columns if c.role == "feature"]
    texts = [c for c in features if c.kind == "text" and c.type in ("category", "text", "binary")]
    many = [c for c in texts if c.unique > MANY_VALUES and c.type == "category"]
    profiles = [table.profile.column(c.name) for c in texts] if table.profile else []
    sentences = sum(is_free_text(profile) for profile in profiles if profile)
    return TableSummary(len(table.columns), len(features), len(texts), len(many), sentences, table.size)


def does_the_same(algorithm: Algorithm, chosen: Algorithm, task: str) -> bool:
    """True if `algorithm` can do what `chosen` is for: predict a target of `task` ("" if unknown), or the same."""
    if chosen.supervised:
        return algorithm.supervised and (not task or task in algorithm.predicts)
    return not algorithm.supervised and not set(algorithm.tasks).isdisjoint(chosen.tasks)


def suggest_algorithms(
    table: Inspection, on_aws: bool = False, chosen: Algorithm | None = None, task: str = ""
) -> list[tuple[Algorithm, Suggestion]]:
    """The algorithms that say why they suit `table`, the one that suits it best first.

    `on_aws` leaves out those that an image alone does not start on Amazon SageMaker. With `chosen` they are those that
    do the same (`does_the_same`).
    """
    summary = summarize(table)
    offered = [a for a in algorithms.ALGORITHMS.values() if not (on_aws and a.needs_on_aws)]
    if chosen:
        offered = [a for a in offered if does_the_same(a, chosen, task)]
    suggestions = [(a, s) for a in offered if (s := a.suggest(summary))]
    return sorted(suggestions, key=lambda pair: -pair[1].weight)


def suggest_algorithm(table: Inspection, on_aws: bool = False) -> tuple[Algorithm, Suggestion] | None:
    """The first of `suggest_algorithms`; None if none claims the table."""
    return next(iter(suggest_algorithms(table, on_aws)), None)
