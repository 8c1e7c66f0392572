"""Suggests to split a table by group or by time, where a random split would flatter the model."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from models_app.create.panel import FixButton
from preflight import Fix
from tables import Column, Inspection, Recipe

FEWEST_GROUPS = 10  # of fewer, a part of the split would be one group or two
MOST_A_GROUP = 100  # rows of a group in the mean; of more, the column is a category rather than somebody's ID
_WHO = (
    "customer", "user", "client", "patient", "subject", "person", "member", "account", "device", "machine", "session",
    "household", "store", "driver", "student", "employee",
)  # fmt: skip


@dataclass(frozen=True)
class SplitSuggestion:
    """Why another split is better, and the button that chooses it."""

    reason: str
    button: FixButton


def suggest_split(table: Inspection, recipe: Recipe, target: str) -> SplitSuggestion | None:
    """A split by a column that repeats like somebody's ID, else by a date; None when rows are not split at random."""
    if recipe.validation != "share" or not recipe.prepare:
        return None
    columns = [column for column in table.columns if column.name != target]
    for column in columns:
        if _is_group(column, table):
            return _suggestion(
                _(
                    "%(column)s repeats and looks like an ID. A random split puts rows of one %(column)s into several "
                    "parts, so the metrics look better than they are for a new one."
                ),
                _("Hold out whole groups by %(column)s"),
                "group",
                column,
            )
    for column in columns:
        if column.type == "datetime" and column.unique > 1:
            return _suggestion(
                _(
                    "%(column)s has dates. If the model predicts what comes later, the latest rows measure it more "
                    "honestly than rows at random."
                ),
                _("Hold out the latest rows by %(column)s"),
                "time",
                column,
            )
    return None


def _suggestion(reason: str, label: str, way: str, column: Column) -> SplitSuggestion:
    """To split by `column` in the `way` "group" or "time"; `reason` and `label` name it."""
    name = {"column": column.name}
    fix = Fix(label % name, {"recipe.validation": way, f"recipe.{way}_column": column.name})
    return SplitSuggestion(reason % name, FixButton.of(fix))


def _is_group(column: Column, table: Inspection) -> bool:
    """Many values, most of which repeat, of a column that is called as somebody's ID is."""
    present = table.rows_seen - column.missing
    if column.type in ("float", "datetime", "binary") or column.unique < FEWEST_GROUPS:
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.name).lower()
    named = words.endswith("id") or bool(set(re.split(r"[\W_]+", words)) & set(_WHO))
    return named and 1.2 * column.unique <= present <= MOST_A_GROUP * column.unique
