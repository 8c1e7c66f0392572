"""Stores the traffic figures of each endpoint in its row, so that lists do not query CloudWatch.

A hundred endpoints need a few calls of GetMetricData. A background task refreshes the endpoints of an open list when
their figures are a minute old. It refreshes all endpoints in service every quarter of an hour.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.cache import cache
from django.utils.timezone import now

from common.db.nudge import nudge
from models_app import aws
from models_app.aws.metric_data import MetricQuery, Points, metric_data
from models_app.endpoints import traffic_totals
from models_app.endpoints.metrics import variants_of
from models_app.endpoints.traffic import in_milliseconds, variant_query
from models_app.endpoints.traffic_totals import HOUR, HOURS
from models_app.models import Endpoint
from models_app.work.enqueue import enqueue

STEP = 300
FRESH = timedelta(minutes=1)
LOOKBACK = timedelta(days=14)  # for the last request of an endpoint without figures
BATCH = 100  # endpoints at a time
STATISTICS = (("Invocations", "Sum", STEP), ("Invocation4XXErrors", "Sum", HOUR), ("Invocation5XXErrors", "Sum", HOUR),
         ("ModelLatency", "p50", HOUR), ("ModelLatency", "p95", HOUR))  # fmt: skip
ERRORS = ("Invocation4XXErrors", "Invocation5XXErrors")
Figure = tuple[str, str]  # metric, statistic
log = logging.getLogger(__name__)


def ask_for_stale(endpoints: Iterable[Endpoint]) -> None:
    """Queue one refresh of the `endpoints` in service whose figures are older than FRESH, for all viewers together."""
    due = now() - FRESH
    stale = [row.pk for row in endpoints if row.answers and (row.traffic_at is None or row.traffic_at < due)]
    if stale and cache.add(f"traffic-due:{sha256(repr(stale).encode()).hexdigest()}", True, FRESH.seconds // 2):
        enqueue("endpoints.refresh_traffic", stale, expires=FRESH.seconds)


def refresh(endpoint_ids: Sequence[int]) -> None:
    """Query CloudWatch for these endpoints and store the figures in their rows. Repeatable."""
    for first in range(0, len(endpoint_ids), BATCH):
        endpoints = list(Endpoint.objects.filter(pk__in=endpoint_ids[first : first + BATCH]))
        try:
            _refresh(endpoints)
        except (aws.Refused, aws.Unavailable) as e:  # the rows keep what is known, and since when
            log.info("the traffic of %s endpoints is not known: %s", len(endpoints), e.message)
            return
    if endpoint_ids:
        traffic_totals.write()
        nudge("endpoints")


def _refresh(endpoints: Sequence[Endpoint]) -> None:
    at = now()
    start, end = traffic_totals.day_until(at)
    queries = {
        (endpoint.pk, variant, metric, stat): variant_query(endpoint, variant, metric, stat, step)
        for endpoint in endpoints
        for variant in variants_of(endpoint)
        for metric, stat, step in STATISTICS
    }
    points = metric_data(queries, start, end) if queries else {}
    earlier = _last_requests([endpoint for endpoint in endpoints if endpoint.traffic_at is None], start)
    for endpoint in endpoints:
        own: dict[Figure, list[Points]] = {
            (metric, stat): [
                _since_created(endpoint, points[endpoint.pk, variant, metric, stat], step)
                for variant in variants_of(endpoint)
            ]
            for metric, stat, step in STATISTICS
        }
        _summarize(endpoint, own, start, at)
        endpoint.last_request = endpoint.last_request or earlier.get(endpoint.pk)
    fields = ["requests", "errors", "latency_p50", "latency_p95", "hours", "error_hours", "last_request", "traffic_at"]
    Endpoint.objects.bulk_update(endpoints, fields)


def _summarize(endpoint: Endpoint, own: Mapping[Figure, list[Points]], start: datetime, at: datetime) -> None:
    """Set the row's figures from the points of each variant by metric and statistic."""
    requests = [point for points in own["Invocations", "Sum"] for point in points if point[1]]
    errors = [point for metric in ERRORS for points in own[metric, "Sum"] for point in points]
    endpoint.hours, endpoint.error_hours = _by_hour(requests, start), _by_hour(errors, start)
    endpoint.requests, endpoint.errors, endpoint.traffic_at = sum(endpoint.hours), sum(endpoint.error_hours), at
    endpoint.latency_p50, endpoint.latency_p95 = (_latest(own["ModelLatency", stat]) for stat in ("p50", "p95"))
    if requests:
        last = max(when for when, _count in requests) + timedelta(seconds=STEP)
        endpoint.last_request = min(at, last)


def _latest(latencies: Sequence[Points]) -> float | None:
    """The milliseconds of the last hour with requests, of the slower variant where several had some."""
    latest = [in_milliseconds(points)[-1] for points in latencies if points]
    return max(latest)[1] if latest else None


def _since_created(endpoint: Endpoint, points: Points, step: int) -> Points:
    """Those of `points` that end after `endpoint` was created.

    CloudWatch names an endpoint by its name: what was before is of one that was deleted, whose requests are counted.
    """
    return [point for point in points if point[0] + timedelta(seconds=step) > endpoint.created]


def _by_hour(points: Points, start: datetime) -> list[int]:
    """The sum of `points` in each of the HOURS from `start`."""
    hours = [0] * HOURS
    for when, count in points:
        hours[int((when - start).total_seconds() // HOUR)] += round(count)
    return hours


def _last_requests(endpoints: Sequence[Endpoint], end: datetime) -> dict[int, datetime]:
    """When each endpoint was called last within LOOKBACK before `end`, to the hour; without those never called."""
    queries: dict[tuple[int, str], MetricQuery] = {
        (endpoint.pk, variant): variant_query(endpoint, variant, "Invocations", "Sum", HOUR)
        for endpoint in endpoints
        for variant in variants_of(endpoint)
    }
    last: dict[int, datetime] = {}
    by_pk = {endpoint.pk: endpoint for endpoint in endpoints}
    for (pk, _variant), points in (metric_data(queries, end - LOOKBACK, end) if queries else {}).items():
        for when, count in _since_created(by_pk[pk], points, HOUR):
            if count:
                last[pk] = max(last.get(pk, when), when)
    return last
