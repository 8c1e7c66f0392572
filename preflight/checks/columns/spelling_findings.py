"""Findings about how the numbers and dates of a column are written."""

from __future__ import annotations

from collections.abc import Callable

from common.messages import _, ngettext
from preflight.finding import Finding, Fix
from preflight.registry import err, leave_out, warn
from tables.profile import Cell, ColumnProfile

FIELD = "data_uri"


def markers(column: ColumnProfile, where: Cell) -> Finding:
    """Cells of `column` that mean that there is no value; `where` is the first."""
    count = sum(column.markers.values())
    return warn(
        ngettext(
            "%(n)s cell of column %(column)s means that there is no value",
            "%(n)s cells of column %(column)s mean that there is no value",
            count,
            column=column.name,
        ),
        _(
            "The other cells are %(what)s, so these are read as missing: %(spellings)s. The first is in row %(row)s.",
            what=_("dates") if column.kind == "datetime" else _("numbers"),
            spellings=_counted(column.markers),
            row=where.row,
        ),
        field=FIELD,
        at=where,
        column=column.name,
        fixes=(
            Fix(_("Read %(column)s as number", column=column.name), {"recipe.types": {column.name: "number"}})
            if column.kind == "number"
            else Fix(_("Read %(column)s as dates", column=column.name), {"recipe.types": {column.name: "datetime"}}),
            _keep(column.name),
        ),
    )


def zero_padded(column: ColumnProfile, where: Cell) -> Finding:
    """Numbers of `column` with a zero in front; `where` is the first."""
    as_number = Fix(_("Read %(column)s as number", column=column.name), {"recipe.types": {column.name: "number"}})
    return warn(
        ngettext(
            "%(n)s number of column %(column)s has a zero in front",
            "%(n)s numbers of column %(column)s have a zero in front",
            column.zero_padded,
            column=column.name,
        ),
        _(
            "The first is %(value)s in row %(row)s. Codes are written so; the column is read as numbers all the same.",
            value=repr(where.value),
            row=where.row,
        )
        if column.kind == "number"
        else _(
            "The first is %(value)s in row %(row)s. Codes are written so, so each is a name and no number.",
            value=repr(where.value),
            row=where.row,
        ),
        field=FIELD,
        at=where,
        column=column.name,
        fixes=(_keep(column.name), as_number) if column.kind == "number" else (as_number, _keep(column.name)),
    )


def dotted(column: ColumnProfile) -> Finding:
    """Numbers of `column` whose points may be between thousands."""
    return err(
        ngettext(
            "%(n)s number of column %(column)s may have a point between its thousands",
            "%(n)s numbers of column %(column)s may have a point between their thousands",
            column.dotted,
            column=column.name,
        ),
        _("All have three digits behind it, and the whole numbers have three digits at most. Say what is meant."),
        field=FIELD,
        row=column.first_dotted.row if column.first_dotted else None,
        column=column.name,
        value=column.first_dotted.value if column.first_dotted else "",
        fixes=(
            Fix(_("Read %(column)s as thousands", column=column.name), {"recipe.numbers": {column.name: "comma"}}),
            Fix(_("It is a decimal point"), {"recipe.types": {column.name: "number"}}),
        ),
    )


def mixed_units(column: ColumnProfile, level: Callable[..., Finding]) -> Finding:
    """Numbers of `column` in several units, as a finding of `level`."""
    where = column.odd["unit"][0] if column.odd.get("unit") else None
    return level(
        _("The numbers of column %(column)s have %(n)s units", column=column.name, n=len(column.units)),
        _("They are %(units)s. Write all numbers in one unit, or leave the column out.", units=_counted(column.units)),
        field=FIELD,
        at=where,
        column=column.name,
        fixes=(_keep(column.name), leave_out(column.name)),
    )


def styled(column: ColumnProfile, kind: str, count: int, where: Cell) -> Finding:
    """Numbers of `column` in another format, `count` of them with the fault `kind`; `where` is the first."""
    words = {
        "currency": _("amounts with a currency sign"),
        "percent": _("numbers with a percent sign"),
        "thousands": _("numbers with separated thousands"),
        "comma": _("numbers with a decimal comma"),
        "unit": _("numbers with a unit"),
        "accounting": _("numbers with a sign behind or in brackets"),
        "scale": _("numbers with a mark for thousands or millions"),
        "bound": _("bounds in place of numbers"),
        "notation": _("numbers in another notation"),
        "change": _("rises and falls"),
    }
    return err(
        _("Column %(column)s holds %(n)s %(what)s", column=column.name, n=f"{count:,}", what=words[kind]),
        _(
            "The first is %(value)s in row %(row)s. Say that the column's numbers are written so, or leave it out.",
            value=repr(where.value),
            row=where.row,
        ),
        field=FIELD,
        at=where,
        column=column.name,
        raw=f"could not convert string to float: {where.value!r}",
        fixes=(
            Fix(
                _("Read %(column)s as %(kind)s", column=column.name, kind=column.style),
                {"recipe.numbers": {column.name: column.style}},
            ),
            *_few(column),
            leave_out(column.name),
        ),
    )


def _few(column: ColumnProfile) -> tuple[Fix, ...]:
    """What else may become of odd cells that are fewer than the plain numbers."""
    if 2 * sum(column.odd_count.values()) > column.present:
        return ()
    return (Fix(_("Count them as missing"), {"recipe.bad_cells": {column.name: "missing"}}),)


def mistakes(column: ColumnProfile, bad: int, where: Cell) -> Finding:
    """`bad` cells of `column` that are none of what it holds; `where` is the first."""
    title = (
        ngettext(
            "%(n)s cell of column %(column)s cannot be read as a date",
            "%(n)s cells of column %(column)s cannot be read as dates",
            bad,
            column=column.name,
        )
        if column.kind == "datetime"
        else ngettext(
            "Column %(column)s has %(n)s cell of another kind",
            "Column %(column)s has %(n)s cells of another kind",
            bad,
            column=column.name,
        )
    )
    text = _(
        "The first is %(value)s in row %(row)s. Correct it, count such cells as missing, or leave the rows out.",
        value=repr(where.value),
        row=where.row,
    )
    if column.spellings:
        text += _(" They are written %(spellings)s.", spellings=_counted(column.spellings))
    return err(
        title,
        text,
        field=FIELD,
        at=where,
        column=column.name,
        raw=f"could not convert string to float: {where.value!r}",
        fixes=(
            Fix(_("Count them as missing"), {"recipe.bad_cells": {column.name: "missing"}}),
            Fix(
                ngettext("Leave out %(n)s row", "Leave out %(n)s rows", bad),
                {"recipe.bad_cells": {column.name: "drop"}},
            ),
            *((_keep(column.name),) if column.spellings else ()),
            leave_out(column.name),
        ),
    )


def _counted(spellings: dict[str, int]) -> str:
    ranked = sorted(spellings.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{text!r} ({n:,})" for text, n in ranked)


def _keep(column: str) -> Fix:
    return Fix(_("Keep %(column)s as categories", column=column), {"recipe.types": {column: "category"}})
