"""The target of a table that the console prepares: the column, its labels, the objective's demands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import algorithms
from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn
from tables import task

FIELD = "target"
MISSING_OK = 0.2


@check(
    "target.column",
    gettext_noop("The target can be predicted"),
    mode="prepared",
    ok=gettext_noop("The target can be predicted"),
)
def column(context: CheckContext) -> Iterator[Finding]:
    """The target exists, is not excluded, has values, and suits the objective's task."""
    for problem in context.problems:
        if problem.field == FIELD:
            yield err(_("There is no such target column"), problem.message, field=FIELD)
    target = context.target
    if not context.supervised or not context.columns or context.problems:
        return
    if target is None:
        yield err(
            _("There is no column %(name)s", name=repr(context.target_name)),
            _("Choose the column to predict."),
            field=FIELD,
        )
        return
    if target.name in context.job.recipe.excluded:
        yield err(
            _("The target %(name)s is left out", name=target.name),
            _("A column cannot be predicted and left out at once."),
            field=FIELD,
            fixes=(Fix(_("Take %(name)s back", name=target.name), {"recipe.excluded": {target.name: None}}),),
        )
        return
    if not target.present:
        yield err(_("The target %(name)s is empty", name=target.name), _("Choose a column with values."), field=FIELD)
        return
    kind = context.kind_of(target)
    wanted = context.task
    if kind == "text" and target.distinct <= task.MAX_CLASSES:
        kind = "category"
    if not wanted:
        reason = context.inspection.task_reason if context.inspection else ""
        if context.complete or target.distinct > 1:
            yield err(_("Column %(name)s cannot be predicted", name=target.name), reason, field=FIELD)
    elif wanted == "regression" and kind != "number":
        objective = (
            context.job.hyperparameters.get("objective")
            or context.job.hyperparameters.get("predictor_type")
            or _("a regression")
        )
        yield err(
            _(
                "Column %(name)s holds %(n)s text values, but %(objective)s predicts a number",
                name=target.name,
                n=f"{target.distinct:,}",
                objective=objective,
            ),
            _("Choose a column of numbers, or let the objective follow from the column."),
            field=FIELD,
            raw="could not convert string to float",
            fixes=(Fix(_("Choose the objective from the column"), _without_objective(context)),),
        )
    elif target.distinct < 2 and context.complete:
        yield err(
            _("Column %(name)s has one value only", name=target.name),
            _("There is nothing to learn. Choose another target column."),
            field=FIELD,
            raw="base_score must be in (0,1) for logistic loss",
        )


def _without_objective(context: CheckContext) -> dict:
    name = "predictor_type" if "predictor_type" in context.job.hyperparameters else "objective"
    return {f"hp-{name}": None}


def _without_classes(context: CheckContext) -> Iterator[Fix]:
    """Fixes for a target of several classes that the algorithm cannot tell apart."""
    if context.target and context.kind_of(context.target) == "number":
        changes = {f"hp-{name}": value for name, value in context.algorithm.as_number.items()}
        yield Fix(_("Predict it as a number"), changes)
    other = algorithms.get(algorithms.DEFAULT)
    yield Fix(_("Use %(title)s", title=other.title), {"algorithm": other.name})


@check(
    "target.classes",
    gettext_noop("The number of classes fits the objective"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("The number of classes fits the objective"),
)
def classes(context: CheckContext) -> Iterator[Finding]:
    """The number of labels fits the objective and num_class."""
    target, hyperparameters = context.target, context.job.hyperparameters
    if target is None or not context.supervised:
        return
    # Part of a table may show fewer labels than there are, never more.
    if context.task == "binary" and target.distinct > 2:
        yield err(
            ngettext(
                "A binary objective takes 2 labels, column %(name)s has %(n)s",
                "A binary objective takes 2 labels, column %(name)s has %(n)s",
                target.distinct,
                name=target.name,
            ),
            _("Choose an objective for several classes, or another target."),
            field=FIELD,
            raw="label must be in [0,1] for logistic regression",
            fixes=(Fix(_("Choose the objective from the column"), _without_objective(context)),),
        )
    if context.task == "multiclass" and context.task not in context.algorithm.predicts and target.distinct > 2:
        yield err(
            _(
                "%(title)s tells two classes apart, column %(name)s has %(n)s",
                title=context.algorithm.title,
                name=target.name,
                n=target.distinct,
            ),
            _("Choose an algorithm for several classes, or another target."),
            field=FIELD,
            fixes=tuple(_without_classes(context)),
        )
    num_class = hyperparameters.get("num_class") or hyperparameters.get("num_classes") or ""
    field = "num_class" if "num_class" in hyperparameters else "num_classes"
    if (
        context.task == "multiclass"
        and num_class.isdigit()
        and int(num_class) != target.distinct
        and target.distinct > 1
    ):
        more = target.distinct > int(num_class)
        if more or context.complete:
            yield (err if more else warn)(
                _(
                    "Column %(name)s has %(n)s labels but %(field)s is %(asked)s",
                    name=target.name,
                    n=target.distinct,
                    field=field,
                    asked=num_class,
                ),
                _("Every label needs a class of its own, and no class should be without rows."),
                field=f"hp-{field}",
                raw="label must be in [0, num_class)" if more else "",
                fixes=(
                    Fix(
                        _("Set %(field)s to %(n)s", field=field, n=target.distinct),
                        {f"hp-{field}": str(target.distinct)},
                    ),
                ),
            )
    if context.task == "multiclass" and target.distinct > task.MAX_CLASSES:
        yield warn(
            _("Column %(name)s has %(n)s classes", name=target.name, n=f"{target.distinct:,}"),
            _("Hardly any table has rows enough for so many. Is a number meant?"),
            field=FIELD,
        )


@check(
    "target.range",
    gettext_noop("Labels lie where the objective wants them"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Labels lie where the objective wants them"),
)
def range_(context: CheckContext) -> Iterator[Finding]:
    """The labels lie in the objective's range."""
    target, objective = context.target, context.job.hyperparameters.get("objective", "")
    if target is None or target.min is None or target.max is None or context.task != "regression":
        return
    yield from range_for(objective, target.min, target.max, target.name, "")


def range_for(objective: str, low: float, high: float, name: str, file: str) -> Iterator[Finding]:
    """Report labels from `low` to `high` that `objective` refuses. `file` and `name` say where they are."""
    rules = {
        "reg:logistic": (low < 0 or high > 1, _("from 0 to 1"), "label must be in [0,1] for logistic regression"),
        "count:poisson": (low < 0, _("0 or more"), "PoissonRegression: label must be nonnegative"),
        "reg:tweedie": (low < 0, _("0 or more"), "TweedieRegression: label must be nonnegative"),
        "reg:gamma": (low <= 0, _("above 0"), "label must be positive for gamma regression"),
        "reg:squaredlogerror": (low <= -1, _("above -1"), "label must be greater than -1 for rmsle"),
        "survival:aft": (low <= 0, _("above 0"), ""),
    }
    broken, rule, message = rules.get(objective, (False, "", ""))
    if broken:
        yield err(
            _(
                "Labels go from %(low)s to %(high)s, but %(objective)s takes %(rule)s",
                low=f"{low:g}",
                high=f"{high:g}",
                objective=objective,
                rule=rule,
            ),
            _("Choose another objective, or correct column %(name)s.", name=name),
            field="hp-objective",
            file=file,
            column=name,
            value=f"{low:g}",
            raw=message,
            fixes=(Fix(_("Use reg:squarederror"), {"hp-objective": "reg:squarederror"}),),
        )


@check(
    "target.missing",
    gettext_noop("Every row has a label"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every row has a label"),
)
def missing(context: CheckContext) -> Iterator[Finding]:
    """Every row has a label, or the recipe leaves such rows out."""
    target = context.target
    if target is None or not target.missing or not target.present:
        return
    first = target.first_missing
    more: dict[str, Any] = {"field": FIELD, "column": target.name, "at": first}
    title = ngettext("%(n)s row has no label", "%(n)s rows have no label", target.missing)
    if context.job.recipe.unlabelled == "refuse":
        yield err(
            title,
            _("The first is row %(row)s. Give it a label, or leave such rows out.", row=first.row if first else "?"),
            fixes=(
                Fix(
                    ngettext("Leave out %(n)s row", "Leave out %(n)s rows", target.missing),
                    {"recipe.unlabelled": "drop"},
                ),
            ),
            **more,
        )
    else:
        much = target.missing > MISSING_OK * target.rows
        text = (
            _("They are left out. That is much of the table: is this the right column?")
            if much
            else _("They are left out.")
        )
        yield warn(title, text, **more)
