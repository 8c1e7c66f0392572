"""The format of the bytes: encoding, delimiter, header, width of the rows, LibSVM and Parquet."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from common.problems import Missing, Unavailable
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV, LIBSVM, PARQUET, RECORDIO, RawTable
from preflight.registry import check, err, let_prepare, warn
from tables.objects import LOCATION, NoData, ObjectChanged

FIELD = "data_uri"
_READABLE = ("parquet", "utf-16", "json")  # formats that preparing reads


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
            yield err(_("The data cannot be read as a table"), problem.message, field=FIELD)
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


@check(
    "format.delimiter",
    gettext_noop("The delimiter is found and the same throughout"),
    needs="table",
    ok=gettext_noop("The delimiter is the same throughout"),
)
def delimiter(context: CheckContext) -> Iterator[Finding]:
    """The reader finds the delimiter, and every row has it."""
    if not context.is_raw:
        if (
            context.inspection
            and len(context.inspection.columns) == 1
            and context.inspection.format != "libsvm"
            and not context.job.recipe.delimiter
        ):
            yield err(
                _("The table has one column only"),
                _(
                    "A table needs at least two: something to predict and something to predict it from. "
                    "If there are more, choose the delimiter."
                ),
                field="recipe.delimiter",
            )
        return
    for raw in context.raw_tables.values():
        line = raw.first.first_line if raw.first else ""
        if raw.kind != CSV or raw.signature or raw.compression or not raw.first or raw.apparent_kind == LIBSVM:
            continue
        other = next((d for d in (";", "\t", "|") if line.count(d) and raw.delimiter != d), "")
        lost = raw.fault("undelimited")
        if not raw.delimiter or raw.delimiter not in ",;\t |:" or raw.width < 2:
            yield err(
                _("The container finds no delimiter in the first line"),
                _("The line is %(line)s. Write at least two columns, separated by commas.", line=repr(line[:50])),
                field=FIELD,
                file=raw.first.uri,
                line=1,
                raw=f"Could not determine delimiter on line {line[:50]}:\nCould not determine delimiter",
                fixes=(let_prepare(),),
            )
        elif other and raw.delimiter in (",", " ", ":"):
            yield err(
                _(
                    "The cells are separated by %(other)s, but would be cut at %(cut)s",
                    other=repr(other),
                    cut=repr(raw.delimiter),
                ),
                _(
                    "The container takes %(cut)s of the first line for the delimiter; every value after it is wrong. "
                    "Write commas between cells and points in numbers.",
                    cut=repr(raw.delimiter),
                ),
                field=FIELD,
                file=raw.first.uri,
                line=1,
                value=line[:60],
                fixes=(let_prepare(),),
                silent=True,
            )
        elif lost and lost.first:
            yield err(
                ngettext("%(n)s row has no %(cut)s", "%(n)s rows have no %(cut)s", lost.count, cut=repr(raw.delimiter)),
                _(
                    "Row %(row)s is %(value)s. Use the same delimiter in every row.",
                    row=lost.first.row,
                    value=repr(lost.first.value[:40]),
                ),
                field=FIELD,
                file=lost.first.file,
                row=lost.first.row,
                line=lost.first.line,
                raw=f"Delimiter '{raw.delimiter}' is not found in the line. Expected '{raw.delimiter}' as the "
                "delimiter to separate fields.",
                fixes=(let_prepare(),),
            )


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
                    file=fault.first.file,
                    row=fault.first.row,
                    line=fault.first.line,
                    value=fault.first.value,
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
    more = {"field": FIELD, "file": first.file, "row": first.row, "line": first.line, "value": first.value}
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


@check(
    "format.libsvm",
    gettext_noop("LibSVM lines are well formed"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("The lines are well formed"),
)
def libsvm(context: CheckContext) -> Iterator[Finding]:
    """Every LibSVM feature is index:value with an index of 0 or more."""
    for raw in context.raw_tables.values():
        if raw.kind != LIBSVM or raw.apparent_kind == CSV:
            continue
        for kind, title, message in (
            ("negative", _("A feature index is negative"), "Check failed: sign == true (0 vs. 1)"),
            ("pairs", _("A feature is not written as index:value"), "is not 'LIBSVM' format"),
            ("libsvm_value", _("A feature is not written as index:value with numbers"), "Failed to load libsvm data"),
        ):
            fault = raw.fault(kind)
            if fault and fault.first:
                yield err(
                    title,
                    _(
                        "Line %(line)s holds %(value)s. Write index:value, with indices from 0 or 1 upward.",
                        line=fault.first.line,
                        value=repr(fault.first.value),
                    ),
                    field=FIELD,
                    file=fault.first.file,
                    row=fault.first.row,
                    line=fault.first.line,
                    value=fault.first.value,
                    raw=message,
                    silent=kind != "negative" and fault.first.line != 1,
                )


@check(
    "format.parquet",
    gettext_noop("A Parquet file holds numbers only"),
    mode="raw",
    needs="raw",
    ok=gettext_noop("Every Parquet column holds numbers"),
)
def parquet(context: CheckContext) -> Iterator[Finding]:
    """A Parquet file holds numeric columns only."""
    for raw in context.raw_tables.values():
        if raw.kind == PARQUET and raw.text_columns:
            yield err(
                ngettext(
                    "%(n)s Parquet column holds no numbers",
                    "%(n)s Parquet columns hold no numbers",
                    len(raw.text_columns),
                ),
                _(
                    "The container cannot make numbers of %(names)s. Let the console prepare the table.",
                    names=", ".join(raw.text_columns[:5]),
                ),
                field=FIELD,
                file=raw.first_uri,
                column=raw.text_columns[0],
                raw="Failed to load parquet data with exception:",
                fixes=(let_prepare(),),
            )
