"""Checks a table's faults against the recipe and describes the changes that the recipe makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.messages import _, gettext_noop, ngettext
from common.problems import Problem
from tables.columns import column_problem
from tables.inspection import Inspection
from tables.objects import LOCATION
from tables.profile import Profile
from tables.recipe import Recipe

NAMED = 6  # columns named in a sentence
REASONS = ("ragged", "headers", "unlabelled", "bad", "duplicates")  # why a row is left out
_WRITTEN = {
    "currency": gettext_noop("Read as amounts of money: %(columns)s."),
    "percent": gettext_noop("Read as percentages: %(columns)s."),
    "thousands": gettext_noop("Read as numbers with thousands separators: %(columns)s."),
    "comma": gettext_noop("Read as numbers with a decimal comma: %(columns)s."),
    "unit": gettext_noop("Read as numbers with a unit: %(columns)s."),
    "accounting": gettext_noop("Read as numbers with a sign behind them or in brackets: %(columns)s."),
    "scale": gettext_noop("Read as numbers in thousands, millions and the like: %(columns)s."),
    "bound": gettext_noop("Read as numbers at their bounds: %(columns)s."),
    "notation": gettext_noop("Read as numbers in another notation: %(columns)s."),
    "change": gettext_noop("Read as rises and falls: %(columns)s."),
}


def check_names(table: Inspection) -> None:
    """Raise Problem if it is unknown which column each name of `table` belongs to."""
    if table.names_written:
        raise Problem(
            _(
                "%(uri)s has %(names)s column names, and %(cells)s cells in a row, so it is not known which name "
                "belongs to which column. Write a name for every column, or say which cells have none.",
                uri=table.uri,
                names=f"{table.names_written:,}",
                cells=f"{len(table.columns):,}",
            ),
            LOCATION,
        )


def check_faults(profile: Profile, recipe: Recipe) -> None:
    """Raise Problem for a fault that `recipe` does not handle, with the file, row, column, value and fix."""
    if profile.ragged_count and recipe.ragged != "drop":
        first = profile.ragged[0]
        line = _(", line %(line)s", line=first.line) if first.line else ""
        raise Problem(
            _(
                "Row %(row)s of %(file)s%(line)s has %(value)s. There are %(ragged_count)s such rows. Give every row "
                "the same number of cells (quote cells that hold the delimiter), or leave these rows out.",
                row=first.row,
                file=first.file,
                line=line,
                value=first.value,
                ragged_count=f"{profile.ragged_count:,}",
            ),
            LOCATION,
        )
    target = profile.column(profile.target)
    for column in profile.columns:
        if column.name in recipe.excluded or column.name in recipe.bad_cells:
            continue
        if text := column_problem(column):
            raise Problem(text, "target" if column is target else LOCATION)
    if target and target.missing and recipe.unlabelled == "refuse":
        first_gap = target.first_missing
        where = _(" The first is row %(row)s of %(file)s.", row=first_gap.row, file=first_gap.file) if first_gap else ""
        raise Problem(
            _(
                "%(missing)s rows have no label in column %(name)s.%(where)s Fill them in, or leave the rows out.",
                missing=f"{target.missing:,}",
                name=target.name,
                where=where,
            ),
            "target",
        )


def describe_changes(profile: Profile, recipe: Recipe, schema: Mapping[str, Any], inspection: Inspection) -> list[str]:
    """Sentences about what preparing changes, except rows left out."""
    sentences = []
    if inspection.has_header:
        sentences.append(_("The row of column names was taken off."))
    columns = [c for c in schema["columns"] if c["role"] == "feature"]
    if schema["label"] and inspection.columns[0].name != profile.target:
        sentences.append(_("The label, column %(target)s, was moved to the front.", target=profile.target))
    numbered = [str(i) for i in range(len(schema["classes"]))]
    if schema["classes"] and schema["classes"] != numbered:
        pairs = ", ".join(_("%(label)s is %(n)s", label=name, n=i) for i, name in enumerate(schema["classes"][:NAMED]))
        pairs += ", ..." if len(numbered) > NAMED else ""
        sentences.append(_("Labels were numbered from 0: %(pairs)s.", pairs=pairs))
    sentences += _list(
        gettext_noop("Each row counts by its weight, which is behind the label: %(columns)s."),
        [c["name"] for c in schema["columns"] if c["role"] == "weight"],
    )
    sentences += _list(
        gettext_noop("Left out: %(columns)s."), [c["name"] for c in schema["columns"] if c["role"] == "excluded"]
    )
    for style, words in _WRITTEN.items():
        sentences += _list(words, [c["name"] for c in schema["columns"] if c.get("numbers") == style])
    for marked in profile.columns:
        if marked.markers and marked.name not in recipe.excluded:
            counted = ", ".join(f"{text} ({n:,})" for text, n in marked.markers.items())
            sentences.append(_("Read as missing in %(name)s: %(spellings)s.", name=marked.name, spellings=counted))
    for name, what in recipe.bad_cells.items():
        column = profile.column(name)
        if column and what == "missing" and (odd := sum(column.odd_count.values())):
            sentences.append(
                ngettext(
                    "%(n)s odd cell of %(name)s read as missing.",
                    "%(n)s odd cells of %(name)s read as missing.",
                    odd,
                    name=name,
                )
            )
    by = {kind: [c["name"] for c in columns if c["encoding"] == kind] for kind in _ENCODED}
    for kind, words in _ENCODED.items():
        sentences += _list(words, by[kind])
    sentences += _list(gettext_noop("Missing values filled with the mean or the commonest value: %(columns)s."), [
        c["name"] for c in columns if "fill" in c and (column := profile.column(c["name"])) and column.missing
    ])  # fmt: skip
    sentences += _list(
        gettext_noop("Standardised to mean 0 and deviation 1: %(columns)s."),
        [c["name"] for c in columns if "shift" in c],
    )
    return sentences


def describe_dropped_rows(counts: Mapping[str, int]) -> list[str]:
    """Sentences about rows left out; `counts` is {reason: rows} with REASONS among its keys."""
    n = dict.fromkeys(REASONS, 0) | dict(counts)
    sentences = (
        ngettext(
            "%(n)s row with another number of cells left out.",
            "%(n)s rows with another number of cells left out.",
            n["ragged"],
        ),
        ngettext(
            "%(n)s row that repeats the column names left out.",
            "%(n)s rows that repeat the column names left out.",
            n["headers"],
        ),
        ngettext("%(n)s row without a label left out.", "%(n)s rows without a label left out.", n["unlabelled"]),
        ngettext(
            "%(n)s row with a cell that is not what its column holds left out.",
            "%(n)s rows with a cell that is not what its column holds left out.",
            n["bad"],
        ),
        ngettext(
            "%(n)s row that equals an earlier one left out.",
            "%(n)s rows that equal an earlier one left out.",
            n["duplicates"],
        ),
    )
    return [sentence for why, sentence in zip(REASONS, sentences, strict=True) if n[why]]


_ENCODED = {
    "one-hot": gettext_noop("A column for each value: %(columns)s."),
    "index": gettext_noop("A column for each value: %(columns)s."),
    "slots": gettext_noop("Texts were hashed into columns of a sparse record: %(columns)s."),
    "tfidf": gettext_noop("Words became TF-IDF features of a sparse record: %(columns)s."),
    "target": gettext_noop("Texts became the mean of the target over the training rows that have them: %(columns)s."),
    "rank": gettext_noop("Texts became their rank by frequency: %(columns)s."),
    "bits": gettext_noop("Texts became 16 columns of a hash: %(columns)s."),
    "code": gettext_noop("Texts became category codes: %(columns)s."),
    "bucket": gettext_noop("Texts became category codes by a hash: %(columns)s."),
    "date": gettext_noop("Dates became day, year, month and weekday: %(columns)s."),
    "boolean": gettext_noop("True and false became 1 and 0: %(columns)s."),
}


def _list(words: str, names: list[str]) -> list[str]:
    if not names:
        return []
    more = _(" and %(n)s more", n=len(names) - NAMED) if len(names) > NAMED else ""
    return [_(words, columns=", ".join(names[:NAMED]) + more)]
