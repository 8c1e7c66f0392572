"""The most unusual rows of an evaluation without labels, as the person's table has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from evaluation.kinds import ANOMALIES, CLUSTERS
from models_app.catalog.figures.anomalies import reason_words
from models_app.catalog.figures.clusters import group_name
from models_app.text import formats

MAX_ROWS = 12


@dataclass(frozen=True)
class UnusualRow:
    """One row: its number, how far it stands out, and in words in what, or where it belongs."""

    number: int
    value: str
    word: str
    cells: list[str]


@dataclass(frozen=True)
class UnusualRows:
    """The card of unusual rows; `value` and `word` head the columns of those."""

    title: str
    note: str
    value: str
    word: str
    columns: list[str]
    rows: list[UnusualRow]
    hidden: int


def unusual_of(document: dict[str, Any], everything: bool) -> UnusualRows | None:
    """The unusual rows of `document`; None without any."""
    worst = document["worst"]
    if not worst["rows"]:
        return None
    kind, entries = document["kind"], worst["rows"]
    visible = entries if everything else entries[:MAX_ROWS]
    rows = [UnusualRow(row["row"], formats.metric(row["value"]), _word(row, kind), row["cells"]) for row in visible]
    title, note, value, word = _heads(document)
    return UnusualRows(title, note, value, word, worst["columns"], rows, len(entries) - len(visible))


def _word(row: dict[str, Any], kind: str) -> str:
    if kind == CLUSTERS:
        return group_name(row["group"])
    return ", ".join(reason_words(reason) for reason in row.get("reasons", ()))


def _heads(document: dict[str, Any]) -> tuple[str, str, str, str]:
    """(title, note, head of the value, head of the word)."""
    if document["kind"] == CLUSTERS:
        return _("Most unusual rows"), _("Farthest from the center of their group first"), _("Distance"), _("Group")
    if document["kind"] != ANOMALIES:
        return _("Rows it keeps least of"), _("What the components miss of a row, largest first"), _("Missed"), ""
    if document["flagged"]:
        return _("Flagged rows"), _("Highest score first"), _("Score"), _("Unusual in")
    return _("No row is flagged"), _("These come closest"), _("Score"), _("Unusual in")
