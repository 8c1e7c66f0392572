"""The algorithms as the Create model page offers them: in groups, with the one that suits the data pointed out."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

import algorithms
from algorithms.spec import Algorithm
from jobs.suggestion import suggest_algorithm
from models_app.aws.account import ConsoleAccount
from models_app.create.panel import FixButton
from preflight import Fix
from tables import Inspection


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
    best = suggest_algorithm(table, on_aws=ConsoleAccount().is_amazon())
    return Hint(best[0], best[1].reason) if best else None
