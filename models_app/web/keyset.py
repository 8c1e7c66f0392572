"""Pages cut by key, never by OFFSET: each costs the same with ten rows or ten million, and stays while rows are added.

A sort may go in phases, each sorted by an index of its own: first the rows that have a number, say, then the others.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

MAX_SKIPPED = 1000  # rows before a page that is asked for by its number


@dataclass(frozen=True)
class Phase:
    """Rows that are sorted by `field`, a field or an annotation that is never NULL in them, and then by `pk`."""

    key: str
    rows: QuerySet
    field: str
    pk: str = "pk"


@dataclass(frozen=True)
class Page:
    """The primary keys of a page, in order, and the tokens of the next and the previous one, "" where there is none."""

    pks: list[int]
    next_token: str
    previous_token: str


@dataclass(frozen=True)
class _Entry:
    phase: str
    value: Any
    pk: int


def cut(phases: Sequence[Phase], *, down: bool, query: Mapping[str, str], size: int) -> Page:
    """One page of `phases`, which all go `down` or up, where the URL's after, before or page says."""
    back = bool(query.get("before"))
    token = _read(query.get("before") or query.get("after") or "")
    entries: list[_Entry] = []
    if token and token.phase in [phase.key for phase in phases]:
        try:
            entries = _beyond(phases, down, back, token, size + 1)
        except (ValidationError, ValueError, TypeError, OverflowError):  # its value does not fit the field
            token = None
    if not entries:  # no token, one that does not fit, or one beyond which every row is gone
        token, back = None, False
        skipped = _skipped(query.get("page", ""), size)
        entries = _beyond(phases, down, False, None, skipped + size + 1)[skipped:] if skipped else []
        if not entries:  # no such page
            skipped, entries = 0, _beyond(phases, down, False, None, size + 1)
    else:
        skipped = 0
    more, entries = len(entries) > size, entries[:size]
    if back:
        entries.reverse()
    if not entries:
        return Page([], "", "")
    has_next, has_previous = (True, more) if back else (more, bool(token or skipped))
    return Page(
        [entry.pk for entry in entries],
        _write(entries[-1]) if has_next else "",
        _write(entries[0]) if has_previous else "",
    )


def _beyond(phases: Sequence[Phase], down: bool, back: bool, token: _Entry | None, count: int) -> list[_Entry]:
    """The `count` entries after `token`, or before it, nearest first."""
    entries: list[_Entry] = []
    down = down != back
    for phase in reversed(phases) if back else phases:
        if token and phase.key != token.phase and not entries and not _passed(phases, phase, token, back):
            continue
        rows = phase.rows
        if token and phase.key == token.phase:
            beyond = "lt" if down else "gt"
            if phase.field != phase.pk:  # the range by itself, for the index
                rows = rows.filter(**{f"{phase.field}__{beyond}e": token.value})
                same = Q(**{phase.field: token.value, f"{phase.pk}__{beyond}": token.pk})
                rows = rows.filter(Q(**{f"{phase.field}__{beyond}": token.value}) | same)
            else:
                rows = rows.filter(**{f"{phase.pk}__{beyond}": token.pk})
        sign = "-" if down else ""
        fields = dict.fromkeys((phase.field, phase.pk))
        rows = rows.order_by(*(f"{sign}{field}" for field in fields)).values_list(phase.field, phase.pk)
        entries += [_Entry(phase.key, value, pk) for value, pk in rows[: count - len(entries)]]
        if len(entries) >= count:
            break
    return entries


def _passed(phases: Sequence[Phase], phase: Phase, token: _Entry, back: bool) -> bool:
    """True if `phase` comes after the token's, in the direction of the page."""
    keys = [phase.key for phase in phases]
    return (keys.index(phase.key) < keys.index(token.phase)) == back


def _skipped(page: str, size: int) -> int:
    """The number of rows before page `page`, counted from 1; 0 for a page beyond MAX_SKIPPED."""
    number = int(page) if page.isdecimal() and len(page) < 4 else 1
    return (number - 1) * size if 1 <= number <= MAX_SKIPPED // size else 0


def _write(entry: _Entry) -> str:
    value = entry.value
    text = json.dumps([entry.phase, value.isoformat() if hasattr(value, "isoformat") else value, entry.pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token: str) -> _Entry | None:
    try:
        phase, value, pk = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if isinstance(value, str):
            value = value.replace("\0", "")  # which PostgreSQL refuses
        return _Entry(phase, value, int(pk)) if isinstance(value, str | int | float) else None
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
        return None
