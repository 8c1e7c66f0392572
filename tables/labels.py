"""Which cells of a target are labels: words that mean "no value" in other columns, and spellings of one label."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

from tables.profile import ColumnProfile
from tables.recipe import Recipe

LABEL_WORDS = ("none", "-", "+")  # words that are a label where they are common; ?, NA and the like are a gap
COMMON = 0.02  # share of the rows


def set_labels(column: ColumnProfile, recipe: Recipe) -> None:
    """Set the labels of the target `column`, as far as it holds words, by its cells and by `recipe`.

    `labels` maps the cells that are no label as they stand to theirs; counts and kind follow.
    """
    if column.values is None or (column.kind not in ("category", "text", "boolean") and column.present):
        return
    words = _words(column, recipe.label_words)
    for word in words:
        column.values[word] = column.values.get(word, 0) + column.missing_words[word]
        column.missing -= column.missing_words[word]
    column.labels = {word: word for word in words}
    if recipe.label_case == "merge":
        for spellings in same_labels(column):
            for spelling in spellings:
                column.labels[spelling] = spellings[0]
    for cell, label in column.labels.items():
        if cell != label:
            column.values[label] += column.values.pop(cell)
    if column.labels:
        column.distinct, column.kind = len(column.values), "category"
    if not column.missing:
        column.first_missing = None


def same_labels(column: ColumnProfile) -> list[list[str]]:
    """The labels that differ in spelling only, the commonest spelling of each first.

    Capitals, blanks, wide and composed letters, dashes between words and a point at the end are spelling.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    values = column.values or {}
    for value in sorted(values, key=lambda value: (-values[value], value)):
        groups[_folded(value)].append(value)
    return [spellings for spellings in groups.values() if len(spellings) > 1]


def _folded(label: str) -> str:
    plain = unicodedata.normalize("NFKC", label).casefold()
    plain = " ".join(re.sub(r"(?<=[^\W\d])[-‐‑–](?=[^\W\d])|_", " ", plain).split())
    return plain.rstrip(".") or plain


def _words(column: ColumnProfile, choice: str) -> list[str]:
    if choice:
        return list(column.missing_words) if choice == "keep" else []
    if len(column.values or ()) < 2:
        # Without them there would be nothing to tell apart.
        return list(column.missing_words)
    common = [word for word, count in column.missing_words.items() if count >= COMMON * column.rows]
    return [word for word in common if word.lower() in LABEL_WORDS]
