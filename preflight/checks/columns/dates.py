"""The order of day, month and year in a column of dates."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, warn


@check(
    "columns.dates",
    gettext_noop("Dates can be read in one way only"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every date can be read in one way only"),
)
def dates(context: CheckContext) -> Iterator[Finding]:
    """No date is another day when day and month change places, unless the recipe says which comes first."""
    for column in context.features:
        where = column.first_ambiguous
        if column.kind != "datetime" or where is None:
            continue
        day_first = Fix(
            _("The day comes first in %(column)s", column=column.name), {"recipe.dates": {column.name: "dmy"}}
        )
        month_first = Fix(
            _("The month comes first in %(column)s", column=column.name), {"recipe.dates": {column.name: "mdy"}}
        )
        is_month_first = column.dates == "mdy"
        yield warn(
            ngettext(
                "%(n)s date of column %(column)s can be read in two ways",
                "%(n)s dates of column %(column)s can be read in two ways",
                column.ambiguous,
                column=column.name,
            ),
            _(
                "The first is %(value)s in row %(row)s, and no other date shows the order. It is read with the month "
                "first.",
                value=repr(where.value),
                row=where.row,
            )
            if is_month_first
            else _(
                "The first is %(value)s in row %(row)s, and no other date shows the order. It is read with the day "
                "first.",
                value=repr(where.value),
                row=where.row,
            ),
            field="data_uri",
            at=where,
            column=column.name,
            fixes=(day_first, month_first) if is_month_first else (month_first, day_first),
        )
