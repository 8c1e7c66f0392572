"""Weights: the column that says how much each row counts, and the hyperparameter that has the container read one."""

from __future__ import annotations

from collections.abc import Iterator

import algorithms
from algorithms.spec import Algorithm
from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV, RawTable
from preflight.registry import check, err, let_prepare
from tables.weights import weight_problem

FIELD = "recipe.weight"
PARAMETER = "csv_weights"
_NAMES = {"weight", "weights", "sample_weight", "sample weight", "instance_weight", "case_weight", "row_weight", "wt"}


def _takes_weights(algorithm: Algorithm) -> bool:
    return algorithm.data.weights


@check(
    "weights.column", gettext_noop("The weight is a number from 0 in every row"), mode="prepared", needs="inspection"
)
def column(context: CheckContext) -> Iterator[Finding]:
    """The weight column exists, is not the target, has a number from 0 in every row; the algorithm takes weights."""
    name = context.job.recipe.weight
    if not name:
        if _takes_weights(context.algorithm) and context.job.hyperparameters.get(PARAMETER) == "1":
            yield _no_weight_chosen(context)
        return
    if not _takes_weights(context.algorithm):
        yield _no_weights_taken(context)
        return
    weight = next((c for c in context.columns if c.name == name), None)
    if weight is None:
        yield err(
            _("There is no weight column %(name)s", name=repr(name)),
            _("Choose another column for the weight, or none."),
            field=FIELD,
            fixes=(_without_weight(),),
        )
        return
    profile = context.best_profile
    if profile is None:
        return
    if name == context.target_name:
        text = _("%(name)s is predicted, so it cannot be the weight too.", name=name)
    else:
        text = weight_problem(weight, profile, context.job.recipe)
    if text:
        yield err(
            _("Column %(name)s cannot be the weight", name=name),
            text,
            field=FIELD,
            at=weight.first_missing,
            column=name,
            fixes=(_without_weight(),),
        )


@check("weights.second", gettext_noop("The weight is the second column"), mode="raw", needs="raw")
def second(context: CheckContext) -> Iterator[Finding]:
    """Of objects that go to the container as they are, the second column is a weight only if it is chosen as one."""
    raw, name = context.train_table, context.job.recipe.weight
    if not _takes_weights(context.algorithm):
        if name:
            yield _no_weights_taken(context)
        return
    if name or context.job.hyperparameters.get(PARAMETER) == "1":
        for table in context.raw_tables.values():
            yield from _unusable(table)
    if raw is None or raw.kind != CSV or raw.width < 2 or context.job.channels:  # a request says what it wants
        return
    is_read, here = context.job.hyperparameters.get(PARAMETER) == "1", _second_name(context, raw)
    if name and name not in (here, "#2"):
        yield err(
            _("The weight is %(name)s, the container takes column 2", name=name),
            _("Put the weight behind the label, or let the console prepare the table."),
            field=FIELD,
            file=raw.first_uri,
            column=name,
            fixes=(let_prepare(), _without_weight()),
            silent=True,
        )
    elif is_read and not name:
        yield err(
            _("%(parameter)s takes column 2 for the weight", parameter=PARAMETER),
            _(
                "No weight is chosen, so %(name)s counts as a feature: the endpoint would be sent one number too many.",
                name=here,
            ),
            field=f"hp-{PARAMETER}",
            file=raw.first_uri,
            column=here,
            value="1",
            fixes=(
                Fix(_("Use %(name)s as the weight", name=here), {FIELD: here}),
                Fix(_("Leave %(name)s out", name=PARAMETER), {f"hp-{PARAMETER}": None}),
            ),
            silent=True,
        )


def _unusable(raw: RawTable) -> Iterator[Finding]:
    """What keeps the second column of `raw` from being the weight of its rows."""
    weights = raw.second
    if raw.kind != CSV or raw.width < 2 or not raw.rows:
        return
    if weights.missing or weights.negative:
        first = weights.first_negative or weights.first_missing
        yield err(
            ngettext(
                "%(n)s row has no weight in the second column",
                "%(n)s rows have no weight in the second column",
                weights.missing + weights.negative,
            ),
            _(
                "The first is row %(row)s of %(file)s, with %(value)s. A weight is a number from 0. Fill it in, or let "
                "all rows count the same.",
                row=first.row if first else 0,
                file=first.file if first else raw.first_uri,
                value=repr(first.value if first else ""),
            ),
            at=first,
            field=FIELD,
            fixes=(_without_weight(),),
            silent=True,
        )
    elif weights.max == 0 and raw.complete:
        yield err(
            _("The weight of every row is 0"),
            _("No row of %(file)s would count. Let all rows count the same, or give weights above 0.", file=raw.uri),
            field=FIELD,
            file=raw.first_uri,
            raw="Check failed: !std::isnan(mparam_.base_score)",
            fixes=(_without_weight(),),
        )


def _no_weight_chosen(context: CheckContext) -> Finding:
    likely = [c for c in context.features if c.name.lower() in _NAMES and context.kind_of(c) == "number"]
    first = context.features[0].name if context.features else ""
    return err(
        _("%(parameter)s is 1, and no weight column is chosen", parameter=PARAMETER),
        _(
            "The container would take the first feature, %(name)s, for the weight of its row, and the endpoint would "
            "be sent one number too many.",
            name=first,
        ),
        field=f"hp-{PARAMETER}",
        value="1",
        fixes=(
            *(Fix(_("Use %(name)s as the weight", name=c.name), {FIELD: c.name}) for c in likely[:1]),
            Fix(_("Leave %(name)s out", name=PARAMETER), {f"hp-{PARAMETER}": None}),
        ),
        silent=True,
    )


def _no_weights_taken(context: CheckContext) -> Finding:
    other = algorithms.get(algorithms.DEFAULT)
    return err(
        _("%(title)s takes no weights", title=context.algorithm.title),
        _("All its rows count the same. Choose no weight column, or an algorithm that takes one."),
        field=FIELD,
        column=context.job.recipe.weight,
        fixes=(
            _without_weight(),
            *(
                (Fix(_("Use %(title)s", title=other.title), {"algorithm": other.name}),)
                if _takes_weights(other)
                else ()
            ),
        ),
    )


def _without_weight() -> Fix:
    return Fix(_("Let all rows count the same"), {FIELD: None, f"hp-{PARAMETER}": None})


def _second_name(context: CheckContext, raw: RawTable) -> str:
    if context.inspection and len(context.inspection.columns) > 1:
        return context.inspection.columns[1].name
    return raw.header[1] if len(raw.header) > 1 else "#2"
