"""Keeps the requests of all endpoints together by hour, for longer than an endpoint has a row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.timezone import now

from models_app.models import Endpoint, TrafficHour

HOURS, HOUR = 24, 3600
ONE_HOUR = timedelta(hours=1)


def day_until(at: datetime) -> tuple[datetime, datetime]:
    """(start, end) of the HOURS whole hours of which the last has `at` in it: an endpoint's row has their figures."""
    end = datetime.fromtimestamp(math.ceil(at.timestamp() / HOUR) * HOUR, UTC)
    return end - HOURS * ONE_HOUR, end


def write() -> None:
    """Sum the figures of all endpoints' rows into the last HOURS hours. Repeatable."""
    start, _end = day_until(now())
    sums = {start + number * ONE_HOUR: [0, 0] for number in range(HOURS)}
    rows = Endpoint.objects.filter(traffic_at__gt=start).order_by()
    for hours, error_hours, at in rows.values_list("hours", "error_hours", "traffic_at"):
        assert at
        for when, requests, errors in _figures(hours, error_hours, at):
            if when in sums:
                sums[when][0] += requests
                sums[when][1] += errors
    written = now()
    TrafficHour.objects.bulk_create(
        (TrafficHour(at=at, requests=sums[at][0], errors=sums[at][1], written=written) for at in sums),
        update_conflicts=True,
        unique_fields=["at"],
        update_fields=["requests", "errors", "written"],
    )


def keep(endpoint: Endpoint) -> None:
    """Move the figures of `endpoint`, whose row goes in this transaction, to those of endpoints that are gone."""
    if endpoint.traffic_at is None:
        return
    for when, requests, errors in _figures(endpoint.hours, endpoint.error_hours, endpoint.traffic_at):
        if requests or errors:
            hour, _created = TrafficHour.objects.get_or_create(at=when)
            TrafficHour.objects.filter(pk=hour.pk).update(
                requests=Greatest(F("requests") - requests, 0),
                errors=Greatest(F("errors") - errors, 0),
                gone_requests=F("gone_requests") + requests,
                gone_errors=F("gone_errors") + errors,
                written=now(),
            )


def _figures(hours: Sequence[int], error_hours: Sequence[int], at: datetime) -> Iterator[tuple[datetime, int, int]]:
    """(hour, requests, errors) of an endpoint's row that was refreshed `at`."""
    start, _end = day_until(at)
    errors = error_hours or [0] * len(hours)  # a row of before they were stored
    return ((start + n * ONE_HOUR, *pair) for n, pair in enumerate(zip(hours, errors, strict=True)))
