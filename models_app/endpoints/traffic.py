"""Requests, latencies and errors of an endpoint by variant, as CloudWatch counts them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext_lazy

from models_app.aws.metric_data import MetricQuery, Points, metric_data
from models_app.endpoints.metrics import NAMESPACE, variants_of
from models_app.models import Endpoint

PERCENTILES = ("p50", "p95", "p99")


@dataclass(frozen=True)
class Span:
    """A length of time that ends now, in steps of `step` seconds; its figures are cached for `fresh` seconds."""

    key: str
    title: str | Promise
    length: timedelta
    step: int
    fresh: int


SPANS = (
    Span("1h", gettext_lazy("1 hour"), timedelta(hours=1), 60, 10),
    Span("24h", gettext_lazy("24 hours"), timedelta(days=1), 600, 30),
    Span("7d", gettext_lazy("7 days"), timedelta(days=7), 3600, 60),
    Span("30d", gettext_lazy("30 days"), timedelta(days=30), 6 * 3600, 300),
)
DEFAULT = SPANS[1]


def span_of(key: str) -> Span:
    """The span with the `key` of an address; the default for an unknown key."""
    return next((span for span in SPANS if span.key == key), DEFAULT)


@dataclass(frozen=True)
class VariantTraffic:
    """The points of one variant: requests, refused (4xx) and failed (5xx) ones; latencies in milliseconds.

    `latencies` is what the model took, by percentile; `overhead` what SageMaker added, its 95th percentile.
    """

    name: str
    requests: Points
    refused: Points
    failed: Points
    latencies: Mapping[str, Points]
    overhead: Points

    @property
    def total(self) -> int:
        """Requests in all."""
        return _sum(self.requests)


@dataclass(frozen=True)
class Window:
    """The time from `start` to `end`, which `span` ends at now."""

    span: Span
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Traffic(Window):
    """The traffic of an endpoint in a window."""

    variants: tuple[VariantTraffic, ...]

    @property
    def requests(self) -> int:
        """Requests in all."""
        return sum(variant.total for variant in self.variants)

    @property
    def refused(self) -> int:
        """Requests that the model refused (4xx)."""
        return sum(_sum(variant.refused) for variant in self.variants)

    @property
    def failed(self) -> int:
        """Requests that failed (5xx)."""
        return sum(_sum(variant.failed) for variant in self.variants)


def traffic_of(endpoint: Endpoint, span: Span) -> Traffic:
    """The traffic of `endpoint`, cached for `span.fresh` seconds. Raises aws.Refused, aws.Unavailable."""
    key = f"traffic:{endpoint.pk}:{span.key}"
    traffic = cache.get(key)
    if traffic is None:
        traffic = _query_traffic(endpoint, span)
        cache.set(key, traffic, span.fresh)
    return traffic


def variant_query(endpoint: Endpoint, variant: str, metric: str, stat: str, step: int) -> MetricQuery:
    """The query of a metric that SageMaker has of each variant."""
    return MetricQuery(NAMESPACE, metric, (("EndpointName", endpoint.name), ("VariantName", variant)), stat, step)


def window(span: Span) -> tuple[datetime, datetime]:
    """(start, end) of `span`, at multiples of its step, so that every point is of a whole step but the last."""
    end = datetime.fromtimestamp(math.ceil(now().timestamp() / span.step) * span.step, UTC)
    return end - span.length, end


def _query_traffic(endpoint: Endpoint, span: Span) -> Traffic:
    start, end = window(span)
    names = variants_of(endpoint)
    statistics = [
        ("Invocations", "Sum"),
        ("Invocation4XXErrors", "Sum"),
        ("Invocation5XXErrors", "Sum"),
        *(("ModelLatency", percentile) for percentile in PERCENTILES),
        ("OverheadLatency", "p95"),
    ]
    queries = {
        (name, metric, stat): variant_query(endpoint, name, metric, stat, span.step)
        for name in names
        for metric, stat in statistics
    }
    points = metric_data(queries, start, end)
    return Traffic(span, start, end, tuple(_variant(name, points) for name in names))


def _variant(name: str, points: Mapping[tuple[str, str, str], Points]) -> VariantTraffic:
    return VariantTraffic(
        name,
        points[name, "Invocations", "Sum"],
        points[name, "Invocation4XXErrors", "Sum"],
        points[name, "Invocation5XXErrors", "Sum"],
        {percentile: in_milliseconds(points[name, "ModelLatency", percentile]) for percentile in PERCENTILES},
        in_milliseconds(points[name, "OverheadLatency", "p95"]),
    )


def in_milliseconds(points: Points) -> Points:
    """CloudWatch's microseconds in milliseconds."""
    return [(at, value / 1000) for at, value in points]


def _sum(points: Points) -> int:
    return round(sum(value for _, value in points))
