"""Columns of a table that the console prepares: what is refused, and what may mislead the model."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, warn
from tables.profile import Cell, ColumnProfile
from tables.recipe import NUMBERS

FIELD = "data_uri"
MUCH_MISSING = 0.5
LEAK = 0.995  # a single feature that predicts this well
ID_ROWS = 50  # fewer rows say nothing about uniqueness
_ID_NAMES = ("id", "uuid", "guid", "key", "index", "rownumber", "row_number", "unnamed: 0", "#")


def _leave_out(name: str) -> Fix:
    return Fix(_("Leave out %(column)s", column=name), {"recipe.excluded": [name]})


def _share(part: float, whole: float) -> str:
    percent = 100 * part / whole if whole else 0.0
    if 99 < percent < 100 or 0 < percent < 1:
        return f"{min(percent, 99.9):.1f}%"  # neither all nor none
    return f"{percent:.0f}%"


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
            _leave_out(column.name),
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
            _leave_out(column.name),
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
                    _leave_out(column.name),
                ),
            )


@check(
    "columns.text",
    gettext_noop("Text columns can be learned from"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every column can be learned from"),
)
def text(context: CheckContext) -> Iterator[Finding]:
    """A column of free text is replaced by codes or hashed columns, which may mislead."""
    for column in context.features:
        if context.kind_of(column) != "text" or not column.present or _looks_unique(context, column):
            continue
        how = (
            _("every value becomes a code")
            if context.algorithm.data.categories == "native"
            else _("its values share a few hashed columns")
        )
        yield warn(
            _("Column %(column)s holds text with %(n)s different values", column=column.name, n=f"{column.distinct:,}"),
            _("In preparing, %(how)s. Free text is better left out.", how=how),
            field=FIELD,
            column=column.name,
            fixes=(_leave_out(column.name),),
        )


@check(
    "columns.missing",
    gettext_noop("Few cells are missing"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Few cells are missing"),
)
def missing(context: CheckContext) -> Iterator[Finding]:
    """At most half of a column's cells are missing."""
    for column in context.features:
        if column.rows and column.missing == column.rows:
            yield warn(
                _("Column %(column)s is empty", column=column.name),
                _("It holds no value at all, so nothing can be learned from it."),
                field=FIELD,
                column=column.name,
                fixes=(_leave_out(column.name),),
            )
        elif column.missing > MUCH_MISSING * column.rows:
            yield warn(
                _(
                    "%(share)s of column %(column)s is missing",
                    share=_share(column.missing, column.rows),
                    column=column.name,
                ),
                _(
                    "%(n)s of %(rows)s cells hold nothing. Look whether the column still says something.",
                    n=f"{column.missing:,}",
                    rows=f"{column.rows:,}",
                ),
                field=FIELD,
                row=column.first_missing.row if column.first_missing else None,
                column=column.name,
                fixes=(_leave_out(column.name),),
            )


@check(
    "columns.constant",
    gettext_noop("Columns vary"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every column varies"),
)
def constant(context: CheckContext) -> Iterator[Finding]:
    """A column holds more than one value."""
    for column in context.features:
        if column.distinct == 1 and column.present > 1 and not column.missing:
            value = next(iter(column.values or {}), f"{column.min:g}" if column.min is not None else "")
            yield warn(
                _("Column %(column)s holds one value only", column=column.name),
                _("It is %(value)s in every row, so nothing can be learned from it.", value=repr(value)),
                field=FIELD,
                column=column.name,
                value=value,
                fixes=(_leave_out(column.name),),
            )


def _looks_unique(context: CheckContext, column: ColumnProfile) -> bool:
    """Return True if every row has another value, and the values are no measurements."""
    if column.present < ID_ROWS or column.missing or column.distinct < 0.999 * column.present:
        return False
    kind = context.kind_of(column)
    if kind in ("text", "category"):
        return True
    if kind != "number" or not column.whole or column.min is None or column.max is None:
        return False
    name = column.name.strip().lower()
    named = name in _ID_NAMES or name.endswith(("_id", " id", "id#", "_no", "_key")) or column.name.endswith("Id")
    return named or column.max - column.min == column.present - 1


@check(
    "columns.unique",
    gettext_noop("No column only tells rows apart"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("No column only tells rows apart"),
)
def unique(context: CheckContext) -> Iterator[Finding]:
    """No column only identifies rows."""
    for column in context.features:
        if _looks_unique(context, column):
            yield warn(
                _("Column %(column)s has another value in every row", column=column.name),
                _(
                    "%(n)s values in %(rows)s rows: a number or name of the row, which says nothing of new ones.",
                    n=f"{column.distinct:,}",
                    rows=f"{column.rows:,}",
                ),
                field=FIELD,
                column=column.name,
                fixes=(_leave_out(column.name),),
            )


@check(
    "columns.leakage",
    gettext_noop("No column gives the target away"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("No column gives the target away"),
)
def leakage(context: CheckContext) -> Iterator[Finding]:
    """No single column predicts the target almost perfectly."""
    leaks = context.best_profile.leaks if context.best_profile else {}
    names = {column.name for column in context.features}
    for name, score in sorted(leaks.items(), key=lambda item: -item[1]):
        if score >= LEAK and name in names:
            yield warn(
                _(
                    "Column %(column)s alone predicts %(share)s of %(target)s",
                    column=name,
                    share=_share(score, 1),
                    target=context.target_name,
                ),
                _("Such a column is often written down after the fact, and is not there when a prediction is wanted."),
                field=FIELD,
                column=name,
                fixes=(_leave_out(name),),
            )


@check(
    "columns.remaining",
    gettext_noop("Something is left to learn from"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("There are columns to learn from"),
)
def remaining(context: CheckContext) -> Iterator[Finding]:
    """The recipe names columns of the table only, and leaves a number of features that the algorithm takes."""
    recipe = context.job.recipe
    names = {column.name for column in context.columns}
    gone = [n for n in [*recipe.excluded, *recipe.types, *recipe.numbers, *recipe.bad_cells] if n not in names]
    if gone:
        yield err(
            _("There is no column %(name)s", name=repr(gone[0])),
            _("The settings name it, but the table has %(names)s.", names=", ".join(sorted(names)[:8])),
            field="recipe.excluded",
            fixes=(
                Fix(
                    _("Forget %(name)s", name=gone[0]),
                    {"recipe.excluded": None} if gone[0] in recipe.excluded else {"recipe.types": {gone[0]: None}},
                ),
            ),
        )
    libsvm = context.inspection and context.inspection.format == "libsvm"
    if context.columns and not context.features and not libsvm and len(context.columns) > 1:
        yield err(
            _("No column is left to learn from"),
            _("All columns but the target are left out. Take at least one back."),
            field="recipe.excluded",
            fixes=(Fix(_("Take all columns"), {"recipe.excluded": None}),),
        )
    limit = context.algorithm.data.max_features
    if limit and context.feature_count > limit:
        yield err(
            _(
                "The table makes %(n)s features, %(title)s takes %(most)s",
                n=f"{context.feature_count:,}",
                title=context.algorithm.title,
                most=f"{limit:,}",
            ),
            _("Leave out columns, or choose another algorithm."),
            field="recipe.excluded",
        )
