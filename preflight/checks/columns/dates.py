"""The order of day, month and year in a column of dates, and the calendar that its years are of."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, leave_out, warn
from tables.date_spellings import ERA
from tables.parse_scalar import date_parts
from tables.profile import ColumnProfile

FOREIGN_YEARS = (1250, 1500)  # of the Persian and the Islamic calendar in our days


@check(
    "columns.dates",
    gettext_noop("Dates can be read in one way only"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every date can be read in one way only"),
)
def dates(context: CheckContext) -> Iterator[Finding]:
    """No date is another day when day and month change places, or in another calendar, unless the recipe says so."""
    for column in context.features:
        if column.kind == "datetime" and column.name not in context.job.recipe.dates:
            yield from _calendar(column)
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


def _calendar(column: ColumnProfile) -> Iterator[Finding]:
    """Years that are of Thailand's calendar, or of one that is not converted."""
    if column.min is None or column.max is None:
        return
    first, last = (date_parts(int(when))[1] for when in (column.min, column.max))
    if column.dates.endswith(ERA):
        order = column.dates.removesuffix(ERA)
        yield warn(
            _("The years of column %(column)s are read as those of the Buddhist era", column=column.name),
            _("543 years are taken from each, which makes them %(first)s to %(last)s.", first=first, last=last),
            field="data_uri",
            column=column.name,
            fixes=(Fix(_("They are years of the common era"), {"recipe.dates": {column.name: order}}),),
        )
    elif FOREIGN_YEARS[0] <= first and last < FOREIGN_YEARS[1]:
        yield warn(
            _("The years of column %(column)s are %(first)s to %(last)s", column=column.name, first=first, last=last),
            _(
                "They may be of the Persian or the Islamic calendar, whose days are not converted: months and weekdays "
                "are wrong then. Write the dates in the common calendar, or leave the column out."
            ),
            field="data_uri",
            column=column.name,
            fixes=(leave_out(column.name),),
        )
