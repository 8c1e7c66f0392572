"""What a model can learn from a feature: nothing, too much, or only which row it is."""

from __future__ import annotations

from collections.abc import Iterator

import algorithms
from algorithms.spec import Algorithm
from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.registry import check, err, leave_out, warn
from tables.free_text import is_free_text
from tables.profile import ColumnProfile
from tables.schema import repeats

FIELD = "data_uri"
MUCH_MISSING = 0.5
LEAK = 0.995  # a single feature that predicts this well
ID_ROWS = 50  # fewer rows say nothing about uniqueness
_ID_NAMES = ("id", "uuid", "guid", "key", "index", "rownumber", "row_number", "unnamed: 0", "#")


def _share(part: float, whole: float) -> str:
    percent = 100 * part / whole if whole else 0.0
    if 99 < percent < 100 or 0 < percent < 1:
        return f"{min(percent, 99.9):.1f}%"  # neither all nor none
    return f"{percent:.0f}%"


@check(
    "columns.text",
    gettext_noop("Text columns can be learned from"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("Every column can be learned from"),
)
def text(context: CheckContext) -> Iterator[Finding]:
    """A column of free text is replaced by codes or hashed columns, which may mislead, unless its words are read."""
    sentences = [column for column in context.features if _is_sentences(context, column)]
    if sentences and not _reads_words(context.algorithm):
        yield from _unread(context, sentences)
    for column in context.features:
        if column in sentences:
            continue
        if context.kind_of(column) != "text" or not column.present or _looks_unique(context, column):
            continue
        if context.algorithm.supervised and context.algorithm.data.categories != "native" and repeats(column):
            continue  # encoded by its labels, or a column for each
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
            fixes=(leave_out(column.name),),
        )


def _reads_words(algorithm: Algorithm) -> bool:
    return algorithm.data.categories.endswith("sparse")


def _is_sentences(context: CheckContext, column: ColumnProfile) -> bool:
    return context.kind_of(column) == column.kind and is_free_text(column)


def _unread(context: CheckContext, sentences: list[ColumnProfile]) -> Iterator[Finding]:
    """Columns of sentences that are left out, because the algorithm takes no words; an error where no other is left."""
    readers = [
        a for a in algorithms.ALGORITHMS.values() if a.data.categories == "one-hot-sparse" and context.supervised
    ]
    fixes = [Fix(_("Use %(title)s", title=a.title), {"algorithm": a.name}) for a in readers[:1]]
    is_all = len(sentences) == len(context.features)
    for column in sentences:
        yield (err if is_all else warn)(
            _("Column %(column)s holds sentences and is left out", column=column.name),
            _(
                "A cell has %(words)s words on average, and nearly every row has a text of its own. %(title)s takes no "
                "words: as one category a text says nothing of another.",
                words=f"{column.words:.0f}",
                title=context.algorithm.title,
            ),
            field=FIELD,
            column=column.name,
            fixes=(*fixes, leave_out(column.name)),
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
                fixes=(leave_out(column.name),),
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
                fixes=(leave_out(column.name),),
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
                fixes=(leave_out(column.name),),
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
        if _looks_unique(context, column) and not _is_sentences(context, column):
            yield warn(
                _("Column %(column)s has another value in every row", column=column.name),
                _(
                    "%(n)s values in %(rows)s rows: a number or name of the row, which says nothing of new ones.",
                    n=f"{column.distinct:,}",
                    rows=f"{column.rows:,}",
                ),
                field=FIELD,
                column=column.name,
                fixes=(leave_out(column.name),),
            )


@check(
    "columns.sum_leakage",
    gettext_noop("No columns add up to the target"),
    mode="prepared",
    needs="inspection",
    ok=gettext_noop("No columns add up to the target"),
)
def sum_leakage(context: CheckContext) -> Iterator[Finding]:
    """No columns of numbers, added or subtracted, multiplied or divided, are the target."""
    yield from _product(context)
    parts = context.best_profile.target_parts if context.best_profile else {}
    if not parts or not set(parts) <= {column.name for column in context.features}:
        return
    ordered = sorted(parts, key=lambda name: -parts[name])
    total = ordered[0] + "".join(f" {'+' if parts[name] > 0 else '-'} {name}" for name in ordered[1:])
    yield warn(
        _("Columns add up to the target: %(sum)s is %(target)s", sum=total, target=context.target_name),
        _(
            "In at least 99 of 100 rows. A model then adds them up and learns nothing else, and they are known no "
            "sooner than %(target)s.",
            target=context.target_name,
        ),
        field=FIELD,
        column=ordered[0],
        fixes=(Fix(_("Leave out %(columns)s", columns=", ".join(ordered)), {"recipe.excluded": ordered}),),
    )


def _product(context: CheckContext) -> Iterator[Finding]:
    factors = context.best_profile.target_factors if context.best_profile else {}
    if not factors or not set(factors) <= {column.name for column in context.features}:
        return
    first, second = factors
    yield warn(
        _(
            "The target follows from two columns: %(formula)s is %(target)s",
            formula=f"{first} {'×' if factors[second] > 0 else '/'} {second}",
            target=context.target_name,
        ),
        _(
            "In at least 99 of 100 rows. A model then computes that and learns nothing else, and both are known no "
            "sooner than %(target)s.",
            target=context.target_name,
        ),
        field=FIELD,
        column=first,
        fixes=(Fix(_("Leave out %(columns)s", columns=", ".join(factors)), {"recipe.excluded": [*factors]}),),
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
                fixes=(leave_out(name),),
            )
