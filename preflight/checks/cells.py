"""Cells of a raw table that are no numbers, with what the model would see of them (docs/containers.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import CSV, Fault, RawTable
from preflight.registry import check, err, has_versions, newest_image

FIELD = "data_uri"


def _name(raw: RawTable, position: int) -> str:
    return raw.header[position - 1] if position <= len(raw.header) else f"#{position}"


def _cells(
    context: CheckContext,
    kind: str,
    title: Callable[[int], str],
    effect: str,
    *,
    silent: bool = True,
    message: str = "",
    recipe: str = "",
) -> Iterator[Finding]:
    """A finding a channel for the fault `kind`; `effect` says what becomes of such cells."""
    for raw in context.raw_tables.values():
        fault = raw.fault(kind)
        if raw.kind != CSV or not fault or not fault.first or raw.apparent_kind != CSV:
            continue
        letters = _letters(context, raw, fault)
        if not context.is_lenient:
            effect = _("The container of %(title)s stops at such a cell.", title=context.algorithm.title)
            message = message or "Unable to parse csv"
        column = _name(raw, min(fault.columns)) if fault.columns else ""
        changes: dict = {"recipe.prepare": True}
        if recipe:
            changes["recipe.numbers"] = {column: recipe}
        yield err(
            title(fault.count),
            _(
                "Row %(row)s, column %(column)s: %(value)s. %(effect)s",
                row=fault.first.row,
                column=column or "-",
                value=repr(fault.first.value[:40]),
                effect=effect,
            ),
            field=FIELD,
            at=fault.first,
            column=column,
            value=fault.first.value[:60],
            raw=letters or message,
            fixes=(
                Fix(
                    _("Read %(column)s as %(kind)s", column=column, kind=recipe)
                    if recipe
                    else _("Let the console prepare the table"),
                    changes,
                ),
            ),
            silent=silent and not letters and context.is_lenient,
        )


def _letters(context: CheckContext, raw: RawTable, fault: Fault) -> str:
    """What an image of 0.72 says, when the fault is in the line it looks at."""
    if not context.image.refused_letters or not fault.first or fault.first.line != 1 or not raw.first:
        return ""
    letter = context.image.refused_letters.search(raw.first.first_line)
    return (
        f"Non-numeric value '{letter[0]}' found in the header line '{raw.first.first_line[:50]}...' of file "
        f"'{raw.first.name}'. CSV format require no header line in it."
        if letter
        else ""
    )


def _check(kind: str, title: str, ok: str):
    return check(f"cells.{kind}", title, mode="raw", needs="raw", ok=ok)


@_check("text", gettext_noop("No cell holds text"), gettext_noop("No cell holds text"))
def text(context: CheckContext) -> Iterator[Finding]:
    """A cell of text counts as missing."""
    yield from _cells(
        context,
        "text",
        lambda n: ngettext("%(n)s cell holds text", "%(n)s cells hold text", n),
        _("The container counts such cells as missing; a last column of text vanishes from the model's width."),
    )


@_check("alphanumeric", gettext_noop("No number is followed by something else"), gettext_noop("Numbers stand alone"))
def alphanumeric(context: CheckContext) -> Iterator[Finding]:
    """A number with letters behind it is read up to the letters."""
    yield from _cells(
        context,
        "alphanumeric",
        lambda n: ngettext("%(n)s cell is a number with letters", "%(n)s cells are numbers with letters", n),
        _("The container reads as far as the number goes: 12ab becomes 12."),
        recipe="unit",
    )


@_check("currency", gettext_noop("No amount carries a currency sign"), gettext_noop("No cell holds a currency sign"))
def currency(context: CheckContext) -> Iterator[Finding]:
    """A currency sign in front makes a cell missing, one behind is dropped."""
    yield from _cells(
        context,
        "currency",
        lambda n: ngettext("%(n)s cell holds a currency sign", "%(n)s cells hold a currency sign", n),
        _("A sign in front makes the cell missing for the container, one behind is dropped."),
        recipe="currency",
    )


@_check("percent", gettext_noop("No number carries a percent sign"), gettext_noop("No cell holds a percent sign"))
def percent(context: CheckContext) -> Iterator[Finding]:
    """A percent sign is dropped."""
    yield from _cells(
        context,
        "percent",
        lambda n: ngettext("%(n)s cell holds a percent sign", "%(n)s cells hold a percent sign", n),
        _("The container drops the sign and reads the number alone."),
        recipe="percent",
    )


@_check("date", gettext_noop("No cell holds a date"), gettext_noop("No cell holds a date"))
def date(context: CheckContext) -> Iterator[Finding]:
    """A date is read up to its first separator."""
    yield from _cells(
        context,
        "date",
        lambda n: ngettext("%(n)s cell holds a date", "%(n)s cells hold dates", n),
        _("The container reads as far as the number goes, so only the year, or the day, is left."),
    )


@_check("thousands", gettext_noop("No number has its thousands separated"), gettext_noop("No thousands are separated"))
def thousands(context: CheckContext) -> Iterator[Finding]:
    """A quoted number with commas becomes several cells."""
    yield from _cells(
        context,
        "thousands",
        lambda n: ngettext("%(n)s number is split at its thousands", "%(n)s numbers are split at their thousands", n),
        _("Quotes mean nothing to the container: the number becomes two cells and the row is shifted."),
        recipe="thousands",
    )


@_check("comma", gettext_noop("Decimals are written with a point"), gettext_noop("Decimals are written with a point"))
def comma(context: CheckContext) -> Iterator[Finding]:
    """A decimal comma ends the number."""
    yield from _cells(
        context,
        "comma",
        lambda n: ngettext("%(n)s number has a decimal comma", "%(n)s numbers have a decimal comma", n),
        _("The container reads up to the comma: 3,14 becomes 3."),
        recipe="comma",
    )


@_check("quoted", gettext_noop("No cell is quoted"), gettext_noop("No cell is quoted"))
def quoted(context: CheckContext) -> Iterator[Finding]:
    """A quoted cell is missing. If all are quoted, no feature is left and training fails."""
    for raw in context.raw_tables.values():
        fault = raw.fault("quoted")
        if not fault:
            continue
        everything = len(fault.columns | {1}) >= raw.width
        yield from _cells(
            context,
            "quoted",
            lambda n: ngettext("%(n)s cell is quoted", "%(n)s cells are quoted", n),
            _("The container has no quotes: a quoted number is missing, a quoted comma cuts the cell in two."),
            silent=not everything,
            message="0 feature is supplied. Are you using raw Booster interface?" if everything else "",
        )
        return


@_check("infinite", gettext_noop("No number is infinite"), gettext_noop("No number is infinite"))
def infinite(context: CheckContext) -> Iterator[Finding]:
    """The container refuses an infinite number."""
    yield from _cells(
        context,
        "infinite",
        lambda n: ngettext("%(n)s cell is infinite", "%(n)s cells are infinite", n),
        _("The container refuses such a table. Leave the cell empty instead."),
        silent=False,
        message="Input data contains `inf` or a value too large, while `missing` is not set to `inf`",
    )


@_check("large", gettext_noop("Every number fits into 32 bits"), gettext_noop("Every number fits into 32 bits"))
def large(context: CheckContext) -> Iterator[Finding]:
    """The container reads 32-bit numbers, so a larger one is clamped."""
    yield from _cells(
        context,
        "large",
        lambda n: ngettext("%(n)s number is too large", "%(n)s numbers are too large", n),
        _("The container reads 32-bit numbers only; a larger one becomes 1e38 or less. Use another unit."),
    )


@check(
    "cells.first_line",
    gettext_noop("An old image finds no letter in the first line"),
    mode="raw",
    needs="raw",
    only=has_versions,
)
def first_line(context: CheckContext) -> Iterator[Finding]:
    """Image 0.72 takes a letter in the first line for a header, even that of an exponent such as 1e-10."""
    for raw in context.raw_tables.values():
        line = raw.first.first_line if raw.first else ""
        letters = context.image.refused_letters
        letter = letters.search(line) if letters and raw.kind == CSV else None
        if letter and not any(fault.first and fault.first.line == 1 for fault in raw.faults.values()):
            yield err(
                _(
                    "Version %(tag)s refuses the letter %(letter)s in the first line",
                    tag=context.image.name,
                    letter=letter[0],
                ),
                _(
                    "It takes %(line)s for a header. Use a newer image, or write the number without an exponent.",
                    line=repr(line[:40]),
                ),
                field="image",
                file=raw.first_uri,
                row=1,
                line=1,
                value=line[:60],
                raw="Alphabet found in the header line",
                fixes=(newest_image(context),),
            )
