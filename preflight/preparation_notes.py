"""Sentences on what preparation does to a table, shown with the checks that pass because of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from common.messages import _, gettext_noop, ngettext
from preflight.check_context import CheckContext
from tables import schema, task
from tables.dialect import BLANKS, FIXED
from tables.free_text import is_free_text
from tables.left_out import left_out_by_itself

MAX_NAMES = 4  # columns or labels in a sentence


def preparation_note(check_id: str, context: CheckContext) -> str:
    """Return what preparation does that lets the check `check_id` pass; "" when it does nothing of the kind."""
    note = _NOTES.get(check_id)
    if note is None or context.is_raw or context.inspection is None or context.inspection.format == "libsvm":
        return ""
    return note(context)


def _decompression(context: CheckContext) -> str:
    compression = context.inspection.compression if context.inspection else ""
    return _("It is unpacked (%(how)s) while it is read.", how=compression) if compression else ""


def _encoding(context: CheckContext) -> str:
    guesses = context.inspection.guesses if context.inspection else ()
    if not guesses:
        return ""
    return _("It is read as %(encoding)s: %(sample)s.", encoding=guesses[0].title, sample=guesses[0].sample)


def delimiter_word(delimiter: str) -> str:
    """Return the name of a delimiter, in the plural."""
    words = {
        ",": _("commas"),
        ";": _("semicolons"),
        "\t": _("tabs"),
        "|": _("pipes"),
        " ": _("spaces"),
        BLANKS: _("one or more blanks"),
        FIXED: _("fixed widths"),
        "\x01": _("Ctrl-A"),
    }
    return words.get(delimiter, delimiter)


def _delimiter(context: CheckContext) -> str:
    table = context.inspection
    if table is None or table.format not in ("csv", "tsv"):
        return ""
    sentences = []
    if table.delimiter != ",":
        sentences.append(_("Cells are separated by %(what)s.", what=delimiter_word(table.delimiter)))
    if table.dialect.quoting in _QUOTING:
        sentences.append(_(_QUOTING[table.dialect.quoting]))
    return " ".join(sentences)


def _header(context: CheckContext) -> str:
    table = context.inspection
    if table is None or table.format not in ("csv", "tsv"):
        return ""
    lead, sentences = table.dialect.lead, []
    if lead:
        sentences.append(
            ngettext("%(n)s line above the table is skipped.", "%(n)s lines above the table are skipped.", lead)
        )
    if table.dialect.header_rows > 1:
        sentences.append(_("The first %(n)s rows hold the column names.", n=table.dialect.header_rows))
    elif table.has_header:
        sentences.append(_("The first row holds the column names."))
    else:
        sentences.append(_("No row holds column names, so columns are called #1, #2 and so on."))
    return " ".join(sentences)


def _numbers(context: CheckContext) -> str:
    words = {
        "currency": _("Read as amounts of money: %(columns)s."),
        "percent": _("Read as percentages: %(columns)s."),
        "thousands": _("Read with thousands separators: %(columns)s."),
        "comma": _("Read with a decimal comma: %(columns)s."),
        "unit": _("Read with a unit: %(columns)s."),
        "accounting": _("Read with a sign behind or in brackets: %(columns)s."),
        "scale": _("Read in thousands, millions and the like: %(columns)s."),
        "bound": _("Read at their bounds: %(columns)s."),
        "notation": _("Read in another notation: %(columns)s."),
        "change": _("Read as rises and falls: %(columns)s."),
    }
    sentences = []
    for style, sentence in words.items():
        if names := [
            c.name for c in context.columns if c.numbers_as == style and c.name not in context.job.recipe.excluded
        ]:
            sentences.append(sentence % {"columns": _join(names)})
    return " ".join(sentences)


def _texts(context: CheckContext) -> str:
    dates = [column.name for column in context.features if context.kind_of(column) == "datetime"]
    texts = [column.name for column in context.features if context.kind_of(column) in ("category", "text")]
    words = [c.name for c in context.features if context.kind_of(c) == c.kind and is_free_text(c)]
    texts = [name for name in texts if name not in words]
    sentences = []
    if words and context.algorithm.data.categories.endswith("sparse"):
        sentences.append(
            _("Words become features, weighted by how rare they are (TF-IDF): %(columns)s.", columns=_join(words))
        )
    if dates:
        sentences.append(_("Dates become day, year, month and weekday: %(columns)s.", columns=_join(dates)))
    if texts and context.algorithm.data.categories == "native":
        sentences.append(_("Text is learned from as categories: %(columns)s.", columns=_join(texts)))
    elif texts:
        sentences.append(_("Text becomes numbers: %(columns)s.", columns=_join(texts)))
    return " ".join(sentences)


def _left_out(context: CheckContext) -> str:
    table, recipe = context.inspection, context.job.recipe
    if table is None:
        return ""
    out = {n: why for n, why in left_out_by_itself(recipe, table).items() if n not in (*recipe.excluded, recipe.weight)}
    return " ".join(
        _("%(name)s is left out: %(reason)s", name=name, reason=reason)
        for name, reason in list(out.items())[:MAX_NAMES]
    )


def _target_first(context: CheckContext) -> str:
    if context.target is None or not context.columns or context.columns[0] is context.target:
        return ""
    return _("Column %(name)s is put first, where the algorithm looks for it.", name=context.target.name)


def _label_numbers(context: CheckContext) -> str:
    if context.target is None or context.target.values is None or not task.is_classification(context.task):
        return ""
    names = schema.class_names(context.target)
    if names == [str(number) for number in range(len(names))]:
        return ""
    pairs = [_("%(label)s is %(n)s", label=name, n=number) for number, name in enumerate(names)]
    return _("Labels are numbered from 0: %(pairs)s.", pairs=_join(pairs))


def _join(names: Iterable[str]) -> str:
    names = list(names)
    listed, more = ", ".join(names[:MAX_NAMES]), len(names) - MAX_NAMES
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more, names=listed) if more > 0 else listed


_QUOTING = {
    "blank": gettext_noop("Blanks before a quote are skipped."),
    "backslash": gettext_noop("A backslash before a quote makes it part of the cell."),
    "single": gettext_noop("Single quotes stand around cells."),
    "none": gettext_noop("Quotes are part of the cells."),
}
_NOTES: dict[str, Callable[[CheckContext], str]] = {
    "format.table": _decompression,
    "format.encoding": _encoding,
    "format.delimiter": _delimiter,
    "format.header": _header,
    "columns.numbers": _numbers,
    "columns.text": _texts,
    "columns.unique": _left_out,
    "target.column": _target_first,
    "target.classes": _label_numbers,
}
