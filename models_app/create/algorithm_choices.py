"""The algorithms as the Create model page offers them: in groups, with the one that suits the data pointed out."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

import algorithms
from algorithms.spec import Algorithm, TableSummary
from models_app.create.panel import FixButton
from preflight import Fix
from tables import Inspection

MANY_VALUES = 20  # different values of a text column from which on a column each is too many


@dataclass(frozen=True)
class Hint:
    """An algorithm that suits the data, and why."""

    algorithm: Algorithm
    reason: str

    @property
    def button(self) -> FixButton:
        return FixButton.of(
            Fix(_("Choose %(algorithm)s") % {"algorithm": self.algorithm.title}, {"algorithm": self.algorithm.name})
        )


def grouped() -> list[tuple[str, list[Algorithm]]]:
    """[(heading, its algorithms)], both in the order of the catalogue."""
    groups: dict[str, list[Algorithm]] = {}
    for algorithm in algorithms.ALGORITHMS.values():
        groups.setdefault(algorithm.group, []).append(algorithm)
    return [(_(heading), members) for heading, members in groups.items()]


def hint(table: Inspection) -> Hint | None:
    """The algorithm that suits `table` best by what the algorithms say themselves."""
    features = [c for c in table.columns if c.role == "feature" and c.type in ("category", "text", "binary")]
    texts = [c for c in features if c.kind == "text"]
    many = [c for c in texts if c.unique > MANY_VALUES and c.type == "category"]
    summary = TableSummary(len(table.columns), len(texts), len(many), table.size)
    suggestions = [(s, a) for a in algorithms.ALGORITHMS.values() if (s := a.suggest(summary))]
    if not suggestions:
        return None
    suggestion, algorithm = max(suggestions, key=lambda pair: pair[0].weight)
    return Hint(algorithm, suggestion.reason)
