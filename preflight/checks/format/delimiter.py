"""The delimiter between cells."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.preparation_notes import delimiter_word
from preflight.raw_table import CSV, LIBSVM
from preflight.registry import check, err, let_prepare

FIELD = "data_uri"
MAX_OFFERED = 3  # delimiters that fit, as buttons


@check(
    "format.delimiter",
    gettext_noop("The delimiter is found and the same throughout"),
    needs="table",
    ok=gettext_noop("The delimiter is the same throughout"),
)
def delimiter(context: CheckContext) -> Iterator[Finding]:
    """The reader finds the delimiter, and every row has it."""
    if not context.is_raw:
        table = context.inspection
        if table and len(table.columns) == 1 and table.format != "libsvm":
            yield err(
                _("The table has one column only"),
                _(
                    "A table needs at least two: something to predict and something to predict it from. "
                    "If there are more, choose the delimiter."
                ),
                field="recipe.delimiter",
                fixes=tuple(
                    Fix(
                        _("Cells end at %(sign)s", sign=delimiter_word(other.delimiter)),
                        {"recipe.delimiter": other.delimiter},
                    )
                    for other in table.offered[:MAX_OFFERED]
                ),
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
