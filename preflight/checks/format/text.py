"""Text as bytes: its encoding and its line ends."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV
from preflight.registry import check, let_prepare, warn

FIELD = "data_uri"


@check(
    "format.encoding",
    gettext_noop("The text is UTF-8"),
    ok=gettext_noop("The text is UTF-8"),
    needs="table",
)
def encoding(context: CheckContext) -> Iterator[Finding]:
    """The text is UTF-8 without a byte order mark."""
    for raw in context.raw_tables.values() if context.is_raw else ():
        if raw.has_bom:
            yield warn(
                _("The file begins with a byte order mark"),
                _("Some containers take it for part of the first cell. Save the file as UTF-8 without it."),
                field=FIELD,
                file=raw.first_uri,
            )
        if raw.encoding != "utf-8" and raw.kind == CSV:
            yield warn(
                _("The file is not UTF-8"),
                _("Letters outside ASCII are dropped by the container. Save the file as UTF-8."),
                field=FIELD,
                file=raw.first_uri,
            )
    if (
        not context.is_raw
        and context.inspection
        and context.inspection.encoding == "latin-1"
        and not context.job.recipe.encoding
    ):
        yield warn(
            _("The file is not UTF-8 and is read as Latin-1"),
            _("Look whether accents in the preview are right; if not, choose the encoding, or save the file as UTF-8."),
            field="recipe.encoding",
            fixes=(Fix(_("Read as Windows-1252"), {"recipe.encoding": "cp1252"}),),
        )


@check(
    "format.line_ends",
    gettext_noop("Lines end as every reader expects"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("Lines end as usual"),
)
def line_ends(context: CheckContext) -> Iterator[Finding]:
    """Lines do not end with a carriage return alone."""
    for raw in context.raw_tables.values():
        if raw.cr_only:
            yield warn(
                _("Lines end with a carriage return only"),
                _("Old Macintosh line ends are not read by every tool. Save the file with line feeds."),
                field=FIELD,
                file=raw.first_uri,
                fixes=(let_prepare(),),
            )
