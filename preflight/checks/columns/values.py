"""The cells of a number column: other kinds of values and infinite numbers among them."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, leave_out
from tables.profile import Cell, ColumnProfile
from tables.recipe import NUMBERS

FIELD = "data_uri"


@check(
    "columns.numbers",
    gettext_noop("Columns hold one kind of values each"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every column holds one kind of values"),
)
def numbers(context: CheckContext) -> Iterator[Finding]:
    """A number column holds no cells such as $3, 45% or 12ab, unless the recipe says what they mean."""
    for column in [*context.features, *([context.target] if context.target else [])]:
        odd = {kind: n for kind, n in column.odd_count.items() if n and column.odd.get(kind) and kind != "infinite"}
        if not odd or column.name in context.job.recipe.bad_cells or _is_header_alone(context, column):
            continue
        kind = max(odd, key=lambda k: odd[k])
        where = column.odd[kind][0]
        if kind in NUMBERS and column.kind == "number":
            yield _written(column, kind, odd[kind], where)
        else:
            yield _mistakes(column, sum(odd.values()), where)


def _is_header_alone(context: CheckContext, column: ColumnProfile) -> bool:
    """Return True if the only odd cell is the column's name, in a header read as data: format.header reports it."""
    cells = [cell for examples in column.odd.values() for cell in examples]
    return sum(column.odd_count.values()) == 1 == cells[0].row and context.reads_header_as_data


def _written(column: ColumnProfile, kind: str, count: int, where: Cell) -> Finding:
    words = {
        "currency": _("amounts with a currency sign"),
        "percent": _("numbers with a percent sign"),
        "thousands": _("numbers with separated thousands"),
        "comma": _("numbers with a decimal comma"),
        "unit": _("numbers with a unit"),
    }
    return err(
        _("Column %(column)s holds %(n)s %(what)s", column=column.name, n=f"{count:,}", what=words[kind]),
        _(
            "The first is %(value)s in row %(row)s. Say that the column's numbers are written so, or leave it out.",
            value=repr(where.value),
            row=where.row,
        ),
        field=FIELD,
        file=where.file,
        row=where.row,
        line=where.line,
        column=column.name,
        value=where.value,
        raw=f"could not convert string to float: {where.value!r}",
        fixes=(
            Fix(
                _("Read %(column)s as %(kind)s", column=column.name, kind=kind), {"recipe.numbers": {column.name: kind}}
            ),
            leave_out(column.name),
        ),
    )


def _mistakes(column: ColumnProfile, bad: int, where: Cell) -> Finding:
    return err(
        ngettext(
            "Column %(column)s has %(n)s cell of another kind",
            "Column %(column)s has %(n)s cells of another kind",
            bad,
            column=column.name,
        ),
        _(
            "The first is %(value)s in row %(row)s. Correct it, count such cells as missing, or leave the rows out.",
            value=repr(where.value),
            row=where.row,
        ),
        field=FIELD,
        file=where.file,
        row=where.row,
        line=where.line,
        column=column.name,
        value=where.value,
        raw=f"could not convert string to float: {where.value!r}",
        fixes=(
            Fix(_("Count them as missing"), {"recipe.bad_cells": {column.name: "missing"}}),
            Fix(
                ngettext("Leave out %(n)s row", "Leave out %(n)s rows", bad),
                {"recipe.bad_cells": {column.name: "drop"}},
            ),
            leave_out(column.name),
        ),
    )


@check(
    "columns.infinite",
    gettext_noop("No number is infinite"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("No number is infinite"),
)
def infinite(context: CheckContext) -> Iterator[Finding]:
    """No feature holds an infinite number, unless the recipe says what becomes of it."""
    for column in context.features:
        count = column.odd_count.get("infinite", 0)
        if count and column.name not in context.job.recipe.bad_cells:
            where = (column.odd.get("infinite") or [Cell(0, "inf")])[0]
            yield err(
                ngettext(
                    "Column %(column)s holds %(n)s infinite value",
                    "Column %(column)s holds %(n)s infinite values",
                    count,
                    column=column.name,
                ),
                _("The first is in row %(row)s. Algorithms refuse it; count it as missing.", row=where.row),
                field=FIELD,
                file=where.file,
                row=where.row,
                line=where.line,
                column=column.name,
                value=where.value,
                raw="Input data contains `inf` or a value too large",
                fixes=(
                    Fix(_("Count them as missing"), {"recipe.bad_cells": {column.name: "missing"}}),
                    leave_out(column.name),
                ),
            )
