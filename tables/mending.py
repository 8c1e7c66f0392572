"""What a recipe does about faults: refused by name when it says nothing, told as a sentence when it mends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.problems import Problem
from common.words import _
from tables.columns import complaint
from tables.objects import FIELD
from tables.profile import Profile
from tables.recipe import Recipe
from tables.table import Inspection

NAMED = 6  # columns in a sentence
_WRITTEN = {
    "currency": "amounts of money", "percent": "percentages", "thousands": "numbers with thousands separators",
    "comma": "numbers with a decimal comma", "unit": "numbers with a unit",
}  # fmt: skip


def check(profile: Profile, recipe: Recipe) -> None:
    """Raises Problem naming the file, the row, the column, the value and the fix for a fault that is to be refused."""
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
            FIELD,
        )
    target = profile.column(profile.target)
    for seen in profile.columns:
        if seen.name in recipe.excluded or seen.name in recipe.bad_cells:
            continue
        if text := complaint(seen):
            raise Problem(text, "target" if seen is target else FIELD)
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


def sentences(profile: Profile, recipe: Recipe, made: Mapping[str, Any], found: Inspection) -> list[str]:
    """What preparing does to the table, besides leaving rows out."""
    told = []
    if found.has_header:
        told.append("The row of column names was taken off.")
    columns = [c for c in made["columns"] if c["role"] == "feature"]
    if made["label"] and found.columns[0].name != profile.target:
        told.append(f"The label, column {profile.target}, was moved to the front.")
    numbered = [str(i) for i in range(len(made["classes"]))]
    if made["classes"] and made["classes"] != numbered:
        pairs = ", ".join(f"{name} is {i}" for i, name in enumerate(made["classes"][:NAMED]))
        told.append(f"Labels were numbered from 0: {pairs}{', ...' if len(numbered) > NAMED else ''}.")
    told += _list("Left out: {}.", [c["name"] for c in made["columns"] if c["role"] == "excluded"])
    for style, words in _WRITTEN.items():
        told += _list("Read as " + words + ": {}.", [c["name"] for c in made["columns"] if c.get("numbers") == style])
    for name, what in recipe.bad_cells.items():
        seen = profile.column(name)
        if seen and what == "missing" and (odd := sum(seen.odd_count.values())):
            told.append(f"{odd:,} odd cell{'s' * (odd != 1)} of {name} read as missing.")
    by = {kind: [c["name"] for c in columns if c["encoding"] == kind] for kind in _ENCODED}
    for kind, words in _ENCODED.items():
        told += _list(words, by[kind])
    told += _list("Missing values filled with the mean or the commonest value: {}.", [
        c["name"] for c in columns if "fill" in c and (seen := profile.column(c["name"])) and seen.missing
    ])  # fmt: skip
    told += _list("Standardised to mean 0 and deviation 1: {}.", [c["name"] for c in columns if "shift" in c])
    return told


def left_out(counts: Mapping[str, int]) -> list[str]:
    """Rows that were left out, as sentences; in counts there are their reasons."""
    words = {
        "ragged": "with another number of cells", "headers": "that repeat the column names",
        "unlabelled": "without a label", "bad": "with a cell that is not what its column holds",
        "duplicates": "that equal an earlier one",
    }  # fmt: skip
    return [
        f"{counts[why]:,} row{'s' * (counts[why] != 1)} {text} left out."
        for why, text in words.items()
        if counts.get(why)
    ]


_ENCODED = {
    "one-hot": "A column for each value: {}.",
    "rank": "Texts became their rank by frequency: {}.",
    "bits": "Texts became 16 columns of a hash: {}.",
    "code": "Texts became category codes: {}.",
    "bucket": "Texts became category codes by a hash: {}.",
    "date": "Dates became day, year, month and weekday: {}.",
    "boolean": "True and false became 1 and 0: {}.",
}


def _list(words: str, names: list[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [words.format(", ".join(names[:NAMED]) + more)]
