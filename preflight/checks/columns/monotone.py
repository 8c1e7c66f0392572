"""Monotone constraints by column: of features that are numbers, for an algorithm that takes them."""

from __future__ import annotations

from collections.abc import Iterator

import algorithms
from common.messages import _, gettext_noop
from common.problems import Problem
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err
from tables.monotone import FIELD, check_monotone
from tables.outline import prepared_schema
from tables.recipe import Recipe

PARAMETER = "monotone_constraints"


@check(
    "columns.monotone",
    gettext_noop("Predictions can rise or fall with the columns that are constrained"),
    mode="prepared",
    needs="inspection",
)
def monotone(context: CheckContext) -> Iterator[Finding]:
    """Each constrained column is a feature and a number, and nothing else names constraints."""
    wanted, hyperparameters = context.job.recipe.monotone, context.job.hyperparameters
    profile = context.best_profile
    if not wanted or profile is None:
        return
    if not context.algorithm.data.monotone:
        other = algorithms.get(algorithms.DEFAULT)
        yield err(
            _("%(title)s takes no monotone constraints", title=context.algorithm.title),
            _("Its predictions may rise and fall with every column. Choose no constraints, or another algorithm."),
            field=FIELD,
            fixes=(
                Fix(_("Choose no constraints"), {FIELD: None}),
                *([Fix(_("Use %(title)s", title=other.title), {"algorithm": other.name})] * other.data.monotone),
            ),
        )
        return
    excluded = {*context.excluded} - {context.target_name}
    schema = prepared_schema(profile, context.target_name, context.algorithm, context.task, excluded)
    for name, way in wanted.items():
        try:
            check_monotone(schema, Recipe(monotone={name: way}), context.algorithm)
        except Problem as e:
            yield err(
                _("Column %(name)s cannot be constrained", name=name),
                str(e),
                field=FIELD,
                column=name,
                fixes=(Fix(_("Take the constraint of %(name)s back", name=name), {FIELD: {name: None}}),),
            )
    if PARAMETER in hyperparameters:
        yield err(
            _("%(parameter)s is set, and columns are constrained by name", parameter=PARAMETER),
            _("The names decide, and the numbers would be lost. Keep one of them."),
            field=f"hp-{PARAMETER}",
            value=hyperparameters[PARAMETER],
            fixes=(
                Fix(_("Leave %(name)s out", name=PARAMETER), {f"hp-{PARAMETER}": None}),
                Fix(_("Choose no constraints"), {FIELD: None}),
            ),
        )
    if hyperparameters.get("booster") == "gblinear":
        yield err(
            _("A linear booster takes no monotone constraints"),
            _("It would train without them. Leave the booster out, or choose no constraints."),
            field="hp-booster",
            value="gblinear",
            silent=True,
            fixes=(
                Fix(_("Leave %(name)s out", name="booster"), {"hp-booster": None}),
                Fix(_("Choose no constraints"), {FIELD: None}),
            ),
        )
