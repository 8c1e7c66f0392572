"""A row of column names where data is expected."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV
from preflight.registry import check, err, warn

FIELD = "data_uri"


@check(
    "format.header",
    gettext_noop("No row of column names is read as data"),
    needs="table",
    ok=gettext_noop("No row of column names is read as data"),
)
def header(context: CheckContext) -> Iterator[Finding]:
    """No row of column names is read as data."""
    if not context.is_raw:
        within = context.best_profile.headers_within if context.best_profile else []
        if within:
            yield warn(
                ngettext(
                    "The column names come again in %(n)s row", "The column names come again in %(n)s rows", len(within)
                ),
                _(
                    "Row %(row)s repeats them. Such rows are left out; was the file put together of several?",
                    row=within[0].row,
                ),
                field=FIELD,
                file=within[0].file,
                row=within[0].row,
                line=within[0].line,
            )
        elif context.reads_header_as_data:
            yield err(
                _("The first row is column names"),
                _("Read as data, it turns number columns into text. Read it as names."),
                field="recipe.has_header",
                line=1,
                fixes=(Fix(_("First row is column names"), {"recipe.has_header": True}),),
                silent=True,
            )
        return
    for raw in context.raw_tables.values():
        fault = raw.fault("header")
        if not fault or not fault.first or raw.kind != CSV:
            continue
        names, first_line = fault.first.value, raw.first.first_line if raw.first else ""
        letters = context.image.refused_letters.search(first_line) if context.image.refused_letters else None
        stops = not context.is_lenient or any(name.strip().lower().startswith("inf") for name in names.split(","))
        yield err(
            _("The first row is column names")
            if fault.count == 1
            else _("The first row is column names in %(count)s files", count=fault.count),
            _(
                "The container of version %(tag)s looks for no header and learns from it as a row with label 0.",
                tag=context.image.name,
            )
            if not letters and not stops
            else _("The container would stop at %(names)s.", names=repr(names[:40])),
            field="recipe.has_header",
            file=fault.first.file,
            row=fault.first.row,
            line=1,
            value=names[:60],
            raw=f"Non-numeric value '{letters[0]}' found in the header line '{first_line[:50]}...' of file. CSV format "
            "require no header line in it."
            if letters
            else "",
            fixes=(Fix(_("First row is column names"), {"recipe.has_header": True, "recipe.prepare": True}),),
            silent=not letters and not stops,
        )
