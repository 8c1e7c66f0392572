"""The row of column names beside the rows below it."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err

FIELD = "align_names"
_QUOTING = {
    "double": gettext_noop("Read quotes as CSV has them"),
    "blank": gettext_noop("Skip blanks before a quote"),
    "backslash": gettext_noop("Read a backslash before a quote"),
    "single": gettext_noop("Read single quotes"),
    "none": gettext_noop("Read quotes as text"),
}


@check(
    "format.names",
    gettext_noop("Every column has its name"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every column has its name"),
)
def names(context: CheckContext) -> Iterator[Finding]:
    """The row of column names has as many cells as the rows below it."""
    table = context.inspection
    if table is None or not table.names_written:
        return
    names, cells = table.names_written, len(table.columns)
    if names < cells:
        text = _(
            "The names are read from the left, so each may stand above the wrong column. Say which cells have no name, "
            "or write the file with a name for each."
        )
        fixes = [
            Fix(_("The first cells have no name"), {"recipe.align_names": "right"}),
            Fix(_("The last cells have no name"), {"recipe.align_names": "left"}),
        ]
    else:
        text = _("Names without cells are left out, so each may stand above the wrong column. Write as many of both.")
        fixes = [
            Fix(_("The last names have no cells"), {"recipe.align_names": "left"}),
            Fix(_("The first names have no cells"), {"recipe.align_names": "right"}),
        ]
    others = [Fix(_(_QUOTING[other.quoting]), {"recipe.quoting": other.quoting}) for other in table.offered]
    yield err(
        _("%(names)s names, %(cells)s cells", names=f"{names:,}", cells=f"{cells:,}"),
        text,
        field=FIELD,
        file=table.uri,
        line=1,
        fixes=(*others, *fixes),
        silent=True,
    )
