"""A column's profile as a page shows it: type, figures, what speaks against it."""

from common.messages import _, gettext_noop, ngettext
from tables.inspection import Column
from tables.parse_scalar import STYLED
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe

TOP = 10
LEAST_UNIQUE = 20  # rows; below, different texts in every row say little
_WRITTEN = {
    "currency": gettext_noop("an amount of money"), "percent": gettext_noop("a percentage"),
    "thousands": gettext_noop("with a thousands separator"),
    "comma": gettext_noop("with a decimal comma"),
}  # fmt: skip


def describe(seen: ColumnProfile, profile: Profile, recipe: Recipe) -> Column:
    """`seen` as a Column, a feature until someone says otherwise."""
    column = Column(seen.name, _type(seen), kind=seen.kind, missing=seen.missing, unique=seen.distinct, hist=seen.hist)
    if column.kind in ("category", "text"):
        column.kind = "text"
    column.numbers = seen.numbers_as
    if seen.kind == "number":
        column.min, column.max = seen.min, seen.max
    ranked = sorted((seen.values or {}).items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
    column.top = [value for value, _ in ranked]
    if seen.name not in recipe.bad_cells:
        column.problem = complaint(seen)
    column.leave_out = reason_to_leave_out(seen, profile.rows)
    return column


def _type(seen: ColumnProfile) -> str:
    if seen.kind == "number":
        return "binary" if seen.distinct == 2 and seen.whole else "int" if seen.whole or not seen.numbers else "float"
    if seen.kind == "datetime":
        return "datetime"
    if seen.kind == "boolean" or seen.distinct == 2:
        return "binary"
    return seen.kind


def complaint(seen: ColumnProfile) -> str:
    """Why a column of numbers or dates cannot be used as it is, with the fix; '' when it can."""
    faults = {name: n for name, n in seen.odd_count.items() if n and seen.odd.get(name)}
    if not faults:
        return ""
    worst = max(faults, key=lambda name: faults[name])
    cell, others = seen.odd[worst][0], sum(faults.values()) - 1
    where = _(" in data row %(row)s", row=cell.row) if cell.row else ""
    where += ngettext(" (and in %(n)s other)", " (and in %(n)s others)", others) if others else ""
    if worst in STYLED and worst != "infinite" and seen.kind == "number":
        return _(
            "Column %(name)s holds numbers, but %(value)s%(where)s is %(written)s. Say that its numbers are written so "
            "(%(worst)s), or correct the cells.",
            name=seen.name,
            value=repr(cell.value),
            where=where,
            written=_(_WRITTEN[worst]),
            worst=worst,
        )
    what = _("dates") if seen.kind == "datetime" else _("true or false") if seen.kind == "boolean" else _("numbers")
    return _(
        "Column %(name)s holds %(what)s, except %(value)s%(where)s. Correct the cell or leave it empty; or read such "
        "cells as missing, or leave their rows out.",
        name=seen.name,
        what=what,
        value=repr(cell.value),
        where=where,
    )


def reason_to_leave_out(seen: ColumnProfile, rows: int) -> str:
    """Why the column can help nothing; '' when it may."""
    if not seen.present:
        return _("All its cells are empty.")
    if seen.distinct == 1:
        return _("It has the same value in every row.") if not seen.missing else _("It has one value only.")
    every = rows >= LEAST_UNIQUE and seen.distinct >= 0.99 * seen.present and seen.present > 0.5 * rows
    if every and seen.kind == "text":
        return _("Its text is different in nearly every row, so it can help to predict no other row.")
    named = seen.name.strip().lower()
    if every and seen.kind == "number" and seen.whole and _is_id(named):
        return _("It numbers the rows, so it can help to predict no other row.")
    return ""


def _is_id(name: str) -> bool:
    return name in ("id", "index", "#1", "unnamed: 0", "row", "rownum", "row_id", "rowid", "no", "uuid", "guid") or (
        name.endswith(("_id", " id", "_key", "_no", "number"))
    )


def decimal_commas(profile: Profile, recipe: Recipe) -> dict[str, str]:
    """Columns whose numbers all have a decimal comma, in a file that is not cut by commas."""
    found = {}
    for seen in profile.columns:
        asked = seen.name in recipe.numbers or recipe.types.get(seen.name, "number") != "number"
        only = set(seen.odd_count) <= {"comma", "thousands"} and "comma" in seen.odd_count
        if not asked and seen.kind == "number" and only and (seen.whole or not seen.numbers):
            found[seen.name] = "comma"
    return found
