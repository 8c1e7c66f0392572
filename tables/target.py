"""Resolves the task and the labels of a table's target column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from common.messages import _
from common.problems import Problem
from tables import schema, task
from tables.parse_scalar import number_label
from tables.profile import ColumnProfile, Profile
from tables.value_counts import MAX_VALUES


@dataclass
class Target:
    """The task, the labels in order (`classes`, empty for a number) and the rows of each class."""

    task: str = ""
    classes: list[str] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)


def resolve_target(profile: Profile, supervised: bool, choose_task: Callable[[str], str]) -> Target:
    """The target of the table of `profile`.

    `choose_task(suggested)` returns the task, "" for none. Without `supervised` there is no target. Raises Problem with
    field "target" when the column cannot be predicted.
    """
    if not supervised:
        return Target(counts={0: profile.rows})
    target = profile.column(profile.target)
    assert target, "a supervised algorithm has a target"
    odd = sum(target.odd_count.values())
    suggested, reason = task.suggest_task(target.kind, target.distinct - min(odd, target.distinct), target.whole)
    task_name = choose_task(suggested)
    if not task_name:
        raise Problem(_("Column %(name)s cannot be predicted. %(reason)s", name=target.name, reason=reason), "target")
    classes: list[str] = []
    if task.is_classification(task_name):
        if target.values is None:
            raise Problem(
                _(
                    "Column %(name)s has more than %(most_kept)s different labels.",
                    name=target.name,
                    most_kept=f"{MAX_VALUES:,}",
                ),
                "target",
            )
        classes = schema.class_names(target)
    _check(target.name, target.kind, task_name, len(classes))
    return Target(task_name, classes, _counts(target, classes))


def _check(name: str, kind: str, task_name: str, classes: int) -> None:
    """Raises Problem when a column of `kind` with `classes` labels cannot be the target of the task `wanted`."""
    if task_name == "regression" and kind != "number":
        raise Problem(
            _(
                "A regression predicts a number, but column %(name)s holds %(holds)s. Choose a column of numbers, or "
                "a classification.",
                name=name,
                holds=_("dates") if kind == "datetime" else _("text"),
            ),
            "target",
        )
    if task_name == "binary" and classes != 2:
        raise Problem(
            _(
                "A binary classification takes two labels, but column %(name)s has %(classes)s. %(more)s",
                name=name,
                classes=classes,
                more=_("Choose a classification of several classes.")
                if classes > 2
                else _("Choose a column with two different values."),
            ),
            "target",
        )
    if task_name == "multiclass" and classes < 2:
        raise Problem(_("Column %(name)s has one value only, so there is nothing to learn.", name=name), "target")


def _counts(target: ColumnProfile, classes: list[str]) -> dict[int, int]:
    if not classes:
        return {0: target.present}
    counts = dict.fromkeys(range(len(classes)), 0)
    positions = {name: i for i, name in enumerate(classes)}
    for value, rows in (target.values or {}).items():
        name = number_label(value) if target.kind == "number" else value
        if name in positions:
            counts[positions[name]] += rows
    return counts
