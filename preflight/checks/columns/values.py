"""The cells of a column of numbers or dates: markers of no value, other kinds of values, infinite numbers."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.checks.columns.spelling_findings import (
    FIELD,
    dotted,
    markers,
    mistakes,
    mixed_units,
    styled,
    zero_padded,
)
from preflight.finding import Finding, Fix
from preflight.registry import check, err, leave_out, warn
from tables.profile import Cell, ColumnProfile
from tables.recipe import NUMBERS

_UNAMBIGUOUS = tuple(style for style in NUMBERS if style != "unit")  # 12ab may be 12 with a unit, or a mistake


@check(
    "columns.numbers",
    gettext_noop("Columns hold one kind of values each"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every column holds one kind of values"),
)
def numbers(context: CheckContext) -> Iterator[Finding]:
    """A column of numbers or dates holds no other cells, unless the recipe says what they mean."""
    for column in [*context.features, *([context.target] if context.target else [])]:
        if column.first_marker and column.name not in context.job.recipe.types:
            yield markers(column, column.first_marker)
        if column.dotted:
            yield dotted(column)
        if column.first_zero_padded and column.name not in context.job.recipe.types:
            yield zero_padded(column, column.first_zero_padded)
        if column.numbers_as == "unit" and len(column.units) > 1:
            yield mixed_units(column, warn)
        odd = {kind: n for kind, n in column.odd_count.items() if n and column.odd.get(kind) and kind != "infinite"}
        if not odd or column.name in context.job.recipe.bad_cells or _is_header_alone(context, column):
            continue
        kind, where = max(odd, key=lambda k: odd[k]), min((column.odd[k][0] for k in odd), key=lambda cell: cell.row)
        if column.kind == "number" and kind == "unit" and len(column.units) > 1:
            yield mixed_units(column, err)
        elif column.kind == "number" and column.style and kind in (column.style, *_UNAMBIGUOUS):
            yield styled(column, kind, odd[kind], where)
        else:
            yield mistakes(column, sum(odd.values()), where)


def _is_header_alone(context: CheckContext, column: ColumnProfile) -> bool:
    """Return True if the only odd cell is the column's name, in a header read as data: format.header reports it."""
    cells = [cell for examples in column.odd.values() for cell in examples]
    return sum(column.odd_count.values()) == 1 == cells[0].row and context.reads_header_as_data


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
                at=where,
                column=column.name,
                raw="Input data contains `inf` or a value too large",
                fixes=(
                    Fix(_("Count them as missing"), {"recipe.bad_cells": {column.name: "missing"}}),
                    leave_out(column.name),
                ),
            )
