"""The kind of file: one that the container, or preparation, can read as a table."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop
from common.problems import Missing, Unavailable
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV, PARQUET, RECORDIO, RawTable
from preflight.registry import check, err, let_prepare
from tables.failures import ReadFailure
from tables.objects import LOCATION, NoData, ObjectChanged

FIELD = "data_uri"
_READABLE = ("parquet", "utf-16", "utf-32", "json")  # formats that preparing reads


@check(
    "format.table",
    gettext_noop("The object can be read as a table"),
    ok=gettext_noop("The data is a table"),
)
def table(context: CheckContext) -> Iterator[Finding]:
    """The bytes are of a format that the container, or preparation, reads."""
    for problem in context.problems:
        if isinstance(problem, (Missing, Unavailable, NoData, ObjectChanged)):
            continue
        if problem.field in (LOCATION, ""):
            unforeseen = isinstance(problem, ReadFailure)
            yield err(_("The data cannot be read as a table"), problem.message, field=FIELD, unknown=unforeseen)
    for raw in context.raw_tables.values():
        fault = raw.fault("signature")
        if fault and fault.first:
            yield err(
                _("The file is %(format)s, not %(kind)s", format=fault.first.value, kind=raw.kind),
                _(
                    "%(count)s of %(files)s files cannot be read as %(kind)s. Convert them, or let the console do it.",
                    count=fault.count,
                    files=len(raw.files),
                    kind=raw.kind,
                ),
                field=FIELD,
                file=fault.first.file,
                raw=_format_text(raw),
                fixes=(let_prepare(),) if raw.signature in _READABLE else (),
            )
        if raw.kind in (PARQUET, RECORDIO) and raw.first and not raw.signature and raw.first.first_line:
            yield err(
                _("The file is text, not %(kind)s", kind=raw.kind),
                _(
                    "Its first line is %(line)s. Give the content type that fits, for example text/csv.",
                    line=repr(raw.first.first_line[:50]),
                ),
                field="content_type",
                file=raw.first.uri,
                raw=f"Failed to load {raw.kind} data with exception:",
                fixes=(Fix(_("Read as CSV"), {"content_types": {raw.channel: "text/csv"}}),),
            )


def _format_text(raw: RawTable) -> str:
    line = raw.first.first_line[:50] if raw.first else ""
    if raw.kind == CSV:
        return f"Could not determine delimiter on line {line}:"
    return f"Failed to load {raw.kind} data with exception:"
