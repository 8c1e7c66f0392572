"""Reads the table of log events: the names in it, the events that one answer holds, a search that pauses."""

import time
from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from engine.models import LogEvent

MAX_BYTES = 2**20  # of one answer's messages, each counted with OVERHEAD
OVERHEAD = 26
MAX_SCANNED = 20_000  # events one FilterLogEvents call reads before it hands out a token
MAX_SECONDS = 2.0  # that one FilterLogEvents call searches before it hands out a token


def search_events(rows: QuerySet, is_match, prefix: str, limit: int) -> tuple[list[LogEvent], int]:
    """The events that match, and the place where the search paused; 0 when it came to the end."""
    matches: list[LogEvent] = []
    size = reached = 0
    until = time.monotonic() + MAX_SECONDS
    for scanned, event in enumerate(rows[: MAX_SCANNED + 1].iterator(chunk_size=500)):
        fits = len(matches) < limit and size + len(event.message) + OVERHEAD <= MAX_BYTES
        if scanned == MAX_SCANNED or (not fits and matches) or (scanned and time.monotonic() > until):
            return matches, reached
        reached = event.pk
        # SQLite compares prefixes without minding case; CloudWatch does mind.
        if event.stream.startswith(prefix) and is_match(event.message):
            matches.append(event)
            size += len(event.message) + OVERHEAD
    return matches, 0


def take_fitting(rows: QuerySet, limit: int) -> list[LogEvent]:
    """As many of these events as one answer may hold, at least one if there is one."""
    events: list[LogEvent] = []
    size = 0
    for event in rows[:limit].iterator(chunk_size=500):
        size += len(event.message.encode()) + OVERHEAD
        if events and size > MAX_BYTES:
            break
        events.append(event)
    return events


def with_prefix(rows: QuerySet, field: str, prefix: str) -> QuerySet:
    """The rows whose `field` begins with `prefix`."""
    rows = rows.filter(**{f"{field}__startswith": prefix})
    if connection.vendor == "sqlite":  # its LIKE cannot use the index; ranges can, and it sorts by bytes
        rows = rows.filter(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})
    return rows


def distinct_names(rows: QuerySet, field: str, prefix: str = "", after: str = "") -> Iterable[str]:
    """The different values of `field`, in order; jumps from one to the next by the index instead of reading events."""
    rows = (with_prefix(rows, field, prefix) if prefix else rows).order_by(field).values_list(field, flat=True)
    while (name := rows.filter(**{f"{field}__gt": after}).first()) is not None:
        after = name
        if name.startswith(prefix):
            yield name
