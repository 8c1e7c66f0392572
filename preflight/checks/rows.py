"""The rows of a table: their number, their classes, repetitions."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn
from tables import task
from tables.class_weights import FIELD as CLASS_WEIGHTS
from tables.class_weights import class_weights_problem

RARE = 0.01  # share of a class below which accuracy misleads
FEW = 10  # rows of a class below which it is hardly learned


@check(
    "rows.balance",
    gettext_noop("No class is rare"),
    needs="table",
    ok=gettext_noop("No class is rare"),
)
def balance(context: CheckContext) -> Iterator[Finding]:
    """No class has less than 1 % of the rows."""
    if not task.is_classification(context.task) or not context.supervised:
        return
    counts: dict = {}
    if context.is_raw and context.train_table:
        values = context.train_table.label.values
        counts = {f"{value:g}": n for value, n in values.items()} if values and len(values) <= task.MAX_CLASSES else {}
    elif context.target and context.target.values and context.target.distinct <= task.MAX_CLASSES:
        counts = context.target.values
    total = sum(counts.values())
    if len(counts) < 2:
        return
    if context.job.recipe.class_weights or "scale_pos_weight" in context.job.hyperparameters:
        return  # it was thought of
    name, rows = min(counts.items(), key=lambda item: item[1])
    if rows < RARE * total or (rows < FEW and total >= 10 * FEW):
        can_weigh = context.task in context.algorithm.class_weights
        fix = (Fix(_("Let each class count the same"), {CLASS_WEIGHTS: "balanced"}),) if can_weigh else ()
        yield warn(
            ngettext(
                "Class %(name)s has %(n)s of %(total)s rows",
                "Class %(name)s has %(n)s of %(total)s rows",
                rows,
                name=name,
                total=f"{total:,}",
            ),
            _("A model that never predicts it is right in all other rows. Look at recall or AUC rather than accuracy."),
            field="target",
            column=context.target_name,
            value=str(name),
            fixes=fix,
        )


@check("rows.class_weights", gettext_noop("The algorithm can weigh the classes"), needs="inspection")
def class_weights(context: CheckContext) -> Iterator[Finding]:
    """Where each class is to count the same, the algorithm can do so for the task."""
    if not context.job.recipe.class_weights or (context.supervised and not context.task):
        return
    if problem := class_weights_problem(context.task, context.algorithm):
        fix = Fix(_("Let each row count the same"), {CLASS_WEIGHTS: None})
        yield err(_("The classes cannot be weighed"), problem, field=CLASS_WEIGHTS, fixes=(fix,))


@check(
    "rows.enough",
    gettext_noop("There are rows enough"),
    needs="table",
    ok=gettext_noop("There are rows enough"),
)
def rows(context: CheckContext) -> Iterator[Finding]:
    """The table has the rows that the algorithm needs, and at least 50."""
    have = context.facts.rows if not context.is_raw else context.train_table.rows if context.train_table else 0
    least = max(context.algorithm.data.min_rows, 2)
    readable = not context.is_raw or (
        context.train_table and not context.train_table.signature and not context.train_table.compression
    )
    if not readable or not context.complete:
        return
    if context.rows == 0:
        yield err(_("The table has no rows"), _("There is nothing below the column names."), field="data_uri")
    elif have < least:
        yield err(
            ngettext("%(n)s row is too few to learn from", "%(n)s rows are too few to learn from", have),
            _("%(title)s needs at least %(least)s.", title=context.algorithm.title, least=least),
            field="data_uri",
        )
    elif context.rows < 50:
        yield warn(
            ngettext("%(n)s row is very little", "%(n)s rows are very little", context.rows),
            _("A model of so few rows says little about new ones."),
            field="data_uri",
        )


@check(
    "rows.duplicates",
    gettext_noop("Rows are not repeated"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Hardly any row is repeated"),
)
def duplicates(context: CheckContext) -> Iterator[Finding]:
    """At most 1 % of the rows repeat an earlier one."""
    profile = context.best_profile
    if profile and profile.duplicates > max(1, 0.01 * profile.rows) and context.job.recipe.duplicates == "keep":
        example = profile.repeated_example
        yield warn(
            ngettext("%(n)s row repeats an earlier one", "%(n)s rows repeat earlier ones", profile.duplicates),
            _("Held-out rows may have been learned already, and the figures look better than they are."),
            field="data_uri",
            row=example.row if example else None,
            value=example.value if example else "",
            fixes=(Fix(_("Leave out repeated rows"), {"recipe.duplicates": "drop"}),),
        )


@check(
    "rows.totals",
    gettext_noop("No row adds up others"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("No row adds up others"),
)
def totals(context: CheckContext) -> Iterator[Finding]:
    """No row says in its first cells to be a total or a subtotal."""
    cells = context.best_profile.totals if context.best_profile else []
    if not cells:
        return
    first = cells[0]
    where = _("row %(row)s", row=first.row) if first.row else _("several rows")
    yield warn(
        ngettext("%(n)s total is read as a row", "%(n)s totals are read as rows", len(cells)),
        _("%(where)s: %(word)s. It adds up other rows; take it out of the file.", where=where, word=repr(first.value)),
        field="data_uri",
        file=first.file,
        row=first.row or None,
        line=first.line,
        value=first.value,
    )


@check(
    "rows.validation_overlap",
    gettext_noop("Validation rows are not training rows"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("No training row is in the validation data"),
)
def validation_overlap(context: CheckContext) -> Iterator[Finding]:
    """No training row is in the validation data."""
    if context.profile and context.profile.shared_with_validation:
        n = context.profile.shared_with_validation
        yield warn(
            ngettext("%(n)s row is in the validation data too", "%(n)s rows are in the validation data too", n),
            _("The model is judged on rows it has learned. Leave them out of one of the two."),
            field="recipe.validation_uri",
        )
