"""The algorithms as the Create model page offers them: in groups, with the one that suits the data pointed out."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

import algorithms
from algorithms.spec import Algorithm
from jobs.suggestion import suggest_algorithms
from models_app.aws.account import ConsoleAccount
from models_app.create.panel import FixButton
from preflight import Fix
from tables import Inspection

COMPARED = 3  # algorithms of which one press creates a model each


@dataclass(frozen=True)
class Hint:
    """An algorithm that suits the data, and why; with it, the best first, those worth a comparison."""

    algorithm: Algorithm
    reason: str
    compared: tuple[Algorithm, ...] = ()

    @property
    def compare_label(self) -> str:
        """What the button says that creates a model of each of `compared`."""
        *others, last = [algorithm.title for algorithm in self.compared]
        return _("Compare %(others)s and %(last)s") % {"others": ", ".join(others), "last": last}

    @property
    def button(self) -> FixButton:
        """The button that chooses this algorithm."""
        return FixButton.of(
            Fix(_("Choose %(algorithm)s") % {"algorithm": self.algorithm.title}, {"algorithm": self.algorithm.name})
        )


def grouped() -> list[tuple[str, list[Algorithm]]]:
    """[(heading, its algorithms)], both in the order of the catalogue."""
    groups: dict[str, list[Algorithm]] = {}
    for algorithm in algorithms.ALGORITHMS.values():
        groups.setdefault(algorithm.group, []).append(algorithm)
    return [(_(heading), members) for heading, members in groups.items()]


def hint(table: Inspection, chosen: Algorithm, task: str) -> Hint | None:
    """The algorithm that suits `table` best by what those say themselves that can do what `chosen` does for `task`."""
    suggested = suggest_algorithms(table, ConsoleAccount().is_amazon(), chosen, task)
    if not suggested:
        return None
    algorithm, suggestion = suggested[0]
    return Hint(algorithm, suggestion.reason, tuple(other for other, _why in suggested[:COMPARED]))
