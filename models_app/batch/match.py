"""Compares the columns of a table with those that a model takes, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tables.inspection import Inspection

MAX_CHOICES, MAX_OPTIONS = 500, 20_000  # of a page, which offers every column of the table for each that is missing


@dataclass(frozen=True)
class ColumnMatch:
    """A column of the model or of the table: `tone` is ok, warn, err or info, `note` says what becomes of it.

    `close` is a column of the table that may be meant by one that is missing. A `choice` may be offered for it.
    """

    name: str
    tone: str
    note: str
    close: str = ""
    choice: bool = False


@dataclass(frozen=True)
class TableMatch:
    """`columns` are those of the model, then the others of the table.

    `names` is {column of the model: column of the table} of those that differ.
    """

    columns: list[ColumnMatch]
    names: dict[str, str]
    needed: int
    missing: int

    @property
    def present(self) -> int:
        """How many of the model's columns the table has."""
        return self.needed - self.missing


def match_table(schema: Mapping[str, Any], inspection: Inspection, chosen: Mapping[str, str]) -> TableMatch:
    """How the table of `inspection` fits `schema`. `chosen` are the columns that a person named for others.

    A table without column names is matched by position: all columns of the training table, or those that the model
    takes.
    """
    known = {column.name: column for column in inspection.columns}
    needed = [column["name"] for column in schema["columns"] if column["role"] == "feature"]
    meant = {name: other for name, other in chosen.items() if name in needed and other in known}
    if not inspection.has_header and len(known) == len(needed) < len(schema["columns"]):
        meant = dict(zip(needed, known, strict=True)) | meant
    names = {name: other for name, other in meant.items() if name != other}
    taken, matches, missing = {names.get(name, name) for name in needed}, [], 0
    for name in needed:
        column = known.get(names.get(name, name))
        if column is None:
            missing += 1
            close = next(iter(get_close_matches(name, [other for other in known if other not in taken], 1)), "")
            matches.append(ColumnMatch(name, "err", _("Missing"), close))
        elif name in names:
            matches.append(ColumnMatch(name, "warn", _("Taken from %(column)s") % {"column": column.name}))
        elif column.missing:
            empty = ngettext("Found, %(n)s empty cell", "Found, %(n)s empty cells", column.missing)
            matches.append(ColumnMatch(name, "ok", empty % {"n": f"{column.missing:,}"}))
        else:
            matches.append(ColumnMatch(name, "ok", _("Found")))
    others = [name for name in known if name not in taken]
    matches += [ColumnMatch(name, "info", _("Not needed, copied to the result")) for name in others]
    choices = min(MAX_CHOICES, MAX_OPTIONS // max(1, len(known)))
    unsure = [at for at, match in enumerate(matches) if match.tone in ("err", "warn")]
    for at in unsure[:choices]:
        matches[at] = replace(matches[at], choice=True)
    return TableMatch(matches, names, len(needed), missing)
