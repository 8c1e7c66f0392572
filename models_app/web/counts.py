"""Counts rows at bounded cost: exactly up to fifty thousand, by an estimate beyond."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from models_app.web.shared import shared

FRESH = 1000  # so many rows are counted anew each time
MAX_EXACT = 50_000
MAX_AGE = 5.0  # seconds for which a count of more than FRESH rows is kept
MAX_ENTRIES = 256
_entries: OrderedDict[Hashable, tuple[float, "Count"]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Count:
    """A number of rows. An estimate is rounded to thousands."""

    number: int
    is_exact: bool = True

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_exact else _("about %(n)s") % {"n": f"{self.number:,}"}


def counted(rows: QuerySet, key: Hashable = None) -> str:
    """The number of rows for a person: "24,118"; "about 96,000" where there are more than MAX_EXACT."""
    return str(count_of(rows, key))


def count_of(rows: QuerySet, key: Hashable = None) -> Count:
    """The number of rows. More than FRESH were counted in the last MAX_AGE seconds, by this process.

    `key` stands for the query, which need not be written out then.
    """
    rows, began = rows.order_by(), time.monotonic()
    if key is not None and (count := _recent(key, began)):
        return count
    few = rows[: FRESH + 1].count()
    if few <= FRESH:
        return Count(few)
    key = key or (connection.settings_dict["NAME"], *rows.query.sql_with_params())
    count = _recent(key, began)
    if not count:
        count = _count_many(rows)
        with _lock:
            _entries[key] = (began, count)
            _entries.move_to_end(key)
            while len(_entries) > MAX_ENTRIES:
                _entries.popitem(last=False)
    return count


def view_counts(topic: str, everything: QuerySet, conditions: Mapping[str, Q]) -> dict[str, Count]:
    """The number of rows of each condition among `everything`, the list whose changes are nudged as `topic`.

    Of a list with more than FRESH rows they are kept until its next nudge, for a moment at most.
    """

    def count() -> dict[str, Count]:
        return {
            key: count_of(everything.filter(where), (topic, key)) if where else total
            for key, where in conditions.items()
        }

    total = count_of(everything, (topic, "all"))
    return shared((topic,), ("counts", topic, *conditions), count) if total.number > FRESH else count()


def _recent(key: Hashable, now: float) -> Count | None:
    with _lock:
        at, count = _entries.get(key, (float("-inf"), None))
    return count if now - at <= MAX_AGE else None


def _count_many(rows: QuerySet) -> Count:
    exact = rows[: MAX_EXACT + 1].count()
    return Count(exact) if exact <= MAX_EXACT else Count(_estimate(rows), is_exact=False)


def _estimate(rows: QuerySet) -> int:
    """The estimate: the share of matches among the newest rows, applied to the whole table."""
    ordering = rows.model._meta.ordering or ("-pk",)
    last = list(rows.order_by(*ordering).values_list("pk", flat=True)[MAX_EXACT : MAX_EXACT + 1])
    by_pk = rows.model._default_manager.order_by("pk").values_list("pk", flat=True)
    lowest, highest = by_pk.first(), by_pk.last()
    if not last or lowest is None or highest is None:
        return MAX_EXACT
    whole, looked_at = highest - lowest + 1, max(1, highest - last[0] + 1)
    return round(max(MAX_EXACT, min(whole, MAX_EXACT * whole // looked_at)), -3)
