"""The number of cells in each row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn

FIELD = "data_uri"


@check(
    "format.width",
    gettext_noop("Every row has the same number of cells"),
    needs="table",
    ok=gettext_noop("Every row has the same number of cells"),
)
def width(context: CheckContext) -> Iterator[Finding]:
    """Every row has as many cells as the first."""
    if not context.is_raw:
        yield from _ragged(context)
        return
    for raw in context.raw_tables.values():
        for kind, effect in (
            ("wide", _("One extra cell gives the whole table another column, which is missing everywhere else.")),
            ("narrow", _("The cells that are not there count as missing, and those after a lost cell are shifted.")),
        ):
            fault = raw.fault(kind)
            if fault and fault.first:
                yield err(
                    ngettext(
                        "%(n)s row has another number of cells", "%(n)s rows have another number of cells", fault.count
                    ),
                    f"{fault.first.value}. {effect}",
                    field=FIELD,
                    at=fault.first,
                    fixes=(
                        Fix(
                            ngettext("Leave out %(n)s row", "Leave out %(n)s rows", fault.count),
                            {"recipe.ragged": "drop", "recipe.prepare": True},
                        ),
                    ),
                    silent=context.is_lenient,
                )


def _ragged(context: CheckContext) -> Iterator[Finding]:
    read = context.best_profile
    if not read or not read.ragged_count:
        return
    count, first = read.ragged_count, read.ragged[0]
    more: dict[str, Any] = {"field": FIELD, "at": first}
    if context.job.recipe.ragged == "drop":
        title = ngettext("%(n)s row of another width is left out", "%(n)s rows of another width are left out", count)
        yield warn(title, _("The first: %(value)s.", value=first.value), **more)
    else:
        yield err(
            ngettext("%(n)s row has another number of cells", "%(n)s rows have another number of cells", count),
            _(
                "The first, row %(row)s: %(value)s. Correct the row, or leave such rows out.",
                row=first.row,
                value=first.value,
            ),
            fixes=(Fix(ngettext("Leave out %(n)s row", "Leave out %(n)s rows", count), {"recipe.ragged": "drop"}),),
            **more,
        )
