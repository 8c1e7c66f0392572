"""The first column of a raw table, which a container takes for the label whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.checks.target.column import range_for
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV, LIBSVM, PARQUET, RawTable
from preflight.registry import check, err, is_lenient, let_prepare, warn
from tables import task

FIELD = "target"
_BASE_SCORE = "base_score must be in (0,1) for logistic loss"


@check(
    "labels.first",
    gettext_noop("The label is the first column"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("The label is the first column"),
)
def first(context: CheckContext) -> Iterator[Finding]:
    """The label is the first column, and not an index."""
    raw = context.train_table
    if raw is None or raw.kind not in (CSV, PARQUET) or not context.supervised or raw.signature or raw.compression:
        return
    position = _target_position(context, raw)
    if position and position != 1:
        yield err(
            _("The label is column %(place)s, the container takes column 1", place=position),
            _("It would learn to predict a feature. Put the label first, or let the console prepare the table."),
            field=FIELD,
            file=raw.first_uri,
            column=context.job.recipe.target,
            fixes=(let_prepare(),),
            silent=not _wrong_for_objective(context, raw),
        )
    elif raw.label.is_index and not task.is_classification(context.task):
        yield err(
            _("The first column only counts the rows"),
            _(
                "It goes from %(low)s to %(high)s by one, as an index written along with the table does. The container "
                "would learn to predict the row's number.",
                low=f"{raw.label.min:g}",
                high=f"{raw.label.max:g}",
            ),
            field=FIELD,
            file=raw.first_uri,
            row=1,
            column="#1",
            fixes=(let_prepare(),),
            silent=True,
        )


def _target_position(context: CheckContext, raw: RawTable) -> int:
    """Where the person's target stands, 0 when that is not known."""
    name = context.job.recipe.target
    if name.startswith("#") and name[1:].isdigit():
        return int(name[1:])
    return raw.header.index(name) + 1 if name in raw.header else 0


def _wrong_for_objective(context: CheckContext, raw: RawTable) -> bool:
    return any(True for _finding in _objective(context, raw))


@check(
    "labels.objective",
    gettext_noop("Labels are what the objective takes"),
    mode="raw",
    needs="raw",
    only=is_lenient,
    ok=gettext_noop("Labels are what the objective takes"),
)
def objective_(context: CheckContext) -> Iterator[Finding]:
    """The labels are numbers in the objective's range."""
    for raw in context.raw_tables.values():
        fault = raw.fault("label")
        if fault and fault.first and raw.apparent_kind and not raw.signature:
            message = next((finding.raw for finding in _objective(context, raw, zeros=True)), "")
            yield err(
                ngettext(
                    "The label column has %(n)s text value", "The label column has %(n)s text values", fault.count
                ),
                _(
                    "Row %(row)s: %(value)s. To the container such a label is 0.",
                    row=fault.first.row,
                    value=repr(fault.first.value),
                ),
                field=FIELD,
                at=fault.first,
                raw=message,
                fixes=(let_prepare(),),
                silent=not message,
            )
        else:
            yield from _objective(context, raw)


def _objective(context: CheckContext, raw: RawTable, zeros: bool = False) -> Iterator[Finding]:
    """`zeros`: there are labels that are no numbers, which the container takes for 0."""
    label, hyperparameters = raw.label, context.job.hyperparameters
    objective = hyperparameters.get("objective", "reg:squarederror")
    if not zeros and (label.min is None or label.max is None):
        return
    file = raw.first_uri
    low, high = label.min or 0.0, label.max or 0.0
    if zeros:
        low, high = min(low, 0.0), max(high, 0.0)
    outside = low < 0 or high > 1
    one = low == high and raw.complete
    if objective in ("binary:logistic", "binary:logitraw", "binary:hinge") and (
        outside or (one and objective != "binary:hinge")
    ):
        yield err(
            _("All labels are %(value)s", value=f"{low:g}")
            if one
            else _(
                "Labels go from %(low)s to %(high)s, but %(objective)s takes 0 and 1",
                low=f"{low:g}",
                high=f"{high:g}",
                objective=objective,
            ),
            _("Both classes must occur, as 0 and 1, in the first column."),
            field="hp-objective",
            file=file,
            column="#1",
            value=f"{high:g}",
            raw=f"{_BASE_SCORE}, got: {(low + high) / 2:g}",
            fixes=(let_prepare(),),
        )
    elif objective in ("binary:logistic", "binary:logitraw") and not label.whole:
        yield warn(
            _("Labels are shares between 0 and 1, not classes"),
            _("%(objective)s learns them as probabilities. Is the first column the label?", objective=objective),
            field=FIELD,
            file=file,
        )
    elif objective in ("multi:softmax", "multi:softprob"):
        number = hyperparameters.get("num_class", "")
        outside_classes = number.isdigit() and (low < 0 or high >= int(number))
        if outside_classes or (number.isdigit() and not label.whole):
            needed = int(high) + 1
            yield err(
                _("Labels go up to %(high)s but num_class is %(n)s", high=f"{high:g}", n=number)
                if high >= int(number)
                else _("Labels begin at %(low)s, classes at 0", low=f"{low:g}")
                if low < 0
                else _("Labels between %(low)s and %(high)s are no whole numbers", low=f"{low:g}", high=f"{high:g}"),
                _("Labels must be 0 to num_class - 1, in the first column."),
                field="hp-num_class",
                file=file,
                column="#1",
                value=f"{high:g}",
                raw="SoftmaxMultiClassObj: label must be in [0, num_class), "
                f"num_class={number} but found {high:g} in label."
                if outside_classes
                else "",
                silent=not outside_classes,
                fixes=(Fix(_("Set num_class to %(n)s", n=needed), {"hp-num_class": str(needed)}), let_prepare())
                if label.whole and low >= 0 and needed <= 1000
                else (let_prepare(),),
            )
    elif objective in ("rank:ndcg", "rank:pairwise", "rank:map") and (
        low < 0 or (objective == "rank:map" and high > 1)
    ):
        yield err(
            _(
                "Labels go from %(low)s to %(high)s, but %(objective)s takes relevances",
                low=f"{low:g}",
                high=f"{high:g}",
                objective=objective,
            ),
            _("A relevance is 0 or more; rank:map takes only 0 and 1."),
            field="hp-objective",
            file=file,
            raw="label must be either 0 or positive integer"
            if objective != "rank:map"
            else "map can only be used with binary labels",
        )
    else:
        yield from range_for(objective, low, high, "#1", file)


@check(
    "labels.missing",
    gettext_noop("Every row has a label"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("Every row has a label"),
)
def missing(context: CheckContext) -> Iterator[Finding]:
    """Every row has a label."""
    for raw in context.raw_tables.values():
        label = raw.label
        if (
            raw.kind not in (CSV, PARQUET)
            or not context.supervised
            or not label.first_missing
            or raw.signature
            or raw.apparent_kind == LIBSVM
        ):
            continue
        count = label.missing - sum(f.count for k, f in raw.faults.items() if 1 in f.columns or k in ("undelimited",))
        if count <= 0:
            continue
        first = label.first_missing
        yield err(
            ngettext("%(n)s row has no label", "%(n)s rows have no label", count),
            _("The container takes the empty label in row %(row)s for 0.", row=first.row)
            if context.is_lenient
            else _("The first is row %(row)s. The container refuses it.", row=first.row),
            field=FIELD,
            file=first.file,
            row=first.row,
            line=first.line,
            fixes=(Fix(_("Leave out rows without a label"), {"recipe.unlabelled": "drop", "recipe.prepare": True}),),
            silent=context.is_lenient,
        )
