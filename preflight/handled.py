"""What preparing will do about a table by itself, told where the check passes: a person must not wonder."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from common.messages import _, ngettext
from preflight.ask import Ask
from tables import schema, task

NAMED = 4  # columns or labels in a sentence


def handled(id: str, ask: Ask) -> str:
    """A sentence about what is done, for the passed check `id`; "" when nothing is."""
    say = _SAY.get(id)
    return say(ask) if say and ask.found and not ask.is_raw and ask.found.format != "libsvm" else ""


def _unpacked(ask: Ask) -> str:
    packed = ask.found.compression if ask.found else ""
    return _("It is unpacked (%(how)s) while it is read.", how=packed) if packed else ""


def _delimiter(ask: Ask) -> str:
    words = {";": _("semicolons"), "\t": _("tabs"), "|": _("pipes")}
    sign = words.get(ask.found.delimiter) if ask.found else None
    return _("Cells are separated by %(what)s.", what=sign) if sign else ""


def _header(ask: Ask) -> str:
    if ask.found is None or ask.found.format not in ("csv", "tsv"):
        return ""
    if ask.found.has_header:
        return _("The first row holds the column names.")
    return _("No row holds column names, so columns are called #1, #2 and so on.")


def _numbers(ask: Ask) -> str:
    words = {
        "currency": _("Read as amounts of money: %(columns)s."),
        "percent": _("Read as percentages: %(columns)s."),
        "thousands": _("Read with thousands separators: %(columns)s."),
        "comma": _("Read with a decimal comma: %(columns)s."),
        "unit": _("Read with a unit: %(columns)s."),
    }
    told = []
    for style, sentence in words.items():
        if names := [c.name for c in ask.columns if c.numbers_as == style and c.name not in ask.job.recipe.excluded]:
            told.append(sentence % {"columns": _some(names)})
    return " ".join(told)


def _texts(ask: Ask) -> str:
    dates = [column.name for column in ask.features if ask.kind(column) == "datetime"]
    texts = [column.name for column in ask.features if ask.kind(column) in ("category", "text")]
    told = []
    if dates:
        told.append(_("Dates become day, year, month and weekday: %(columns)s.", columns=_some(dates)))
    if texts and ask.algorithm.data.categories == "native":
        told.append(_("Text is learned from as categories: %(columns)s.", columns=_some(texts)))
    elif texts:
        told.append(_("Text becomes numbers: %(columns)s.", columns=_some(texts)))
    return " ".join(told)


def _moved(ask: Ask) -> str:
    if ask.target is None or not ask.columns or ask.columns[0] is ask.target:
        return ""
    return _("Column %(name)s is put first, where the algorithm looks for it.", name=ask.target.name)


def _numbered(ask: Ask) -> str:
    if ask.target is None or ask.target.values is None or not task.is_classification(ask.task):
        return ""
    names = schema.class_names(ask.target)
    if names == [str(place) for place in range(len(names))]:
        return ""
    pairs = [_("%(label)s is %(n)s", label=name, n=place) for place, name in enumerate(names)]
    return _("Labels are numbered from 0: %(pairs)s.", pairs=_some(pairs))


def _some(names: Iterable[str]) -> str:
    names = list(names)
    shown, more = ", ".join(names[:NAMED]), len(names) - NAMED
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more, names=shown) if more > 0 else shown


_SAY: dict[str, Callable[[Ask], str]] = {
    "reading.table": _unpacked,
    "reading.delimiter": _delimiter,
    "reading.header": _header,
    "columns.numbers": _numbers,
    "columns.text": _texts,
    "target.column": _moved,
    "target.classes": _numbered,
}
