"""Who calls an endpoint: requests and errors by access key.

SageMaker counts no requests by key. A host that does so reports them as metrics of CloudWatch in the namespace
Sagewright, by the dimensions AccessKeyId, EndpointName and UserName, a point every hour; where there are none, nothing
is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.cache import cache

from models_app import aws
from models_app.aws.metric_data import MetricQuery, metric_data
from models_app.endpoints.metrics import OWN_NAMESPACE
from models_app.endpoints.traffic import Span, window
from models_app.models import Endpoint

INVOCATIONS, ERRORS, LAST = "CallerInvocations", "CallerErrors", "CallerLastInvocation"
HOUR = 3600
MAX_CALLERS = 100


@dataclass(frozen=True)
class Caller:
    """An access key that called; `share` is its percentage of all requests."""

    access_key_id: str
    person: str
    requests: int
    errors: int
    share: float
    last: datetime


def callers_of(endpoint: Endpoint, span: Span) -> list[Caller]:
    """The callers within `span`, from the full hour on, busiest first; [] without metrics by access key.

    Cached for a minute. Raises aws.Refused, aws.Unavailable.
    """
    key = f"callers:{endpoint.pk}:{span.key}"
    callers = cache.get(key)
    if callers is None:
        callers = _query_callers(endpoint, span)
        cache.set(key, callers, 60)
    return callers


def _query_callers(endpoint: Endpoint, span: Span) -> list[Caller]:
    metrics = _metrics(endpoint)
    statistics = ((INVOCATIONS, "Sum"), (ERRORS, "Sum"), (LAST, "Maximum"))
    queries = {
        (dimensions, name): MetricQuery(OWN_NAMESPACE, name, dimensions, stat, HOUR)
        for dimensions in metrics
        for name, stat in statistics
    }
    start, end = window(span)
    points = metric_data(queries, start.replace(minute=0), end) if queries else {}
    figures = {}
    for dimensions in metrics:
        requests, errors = (round(sum(v for _, v in points[dimensions, name])) for name in (INVOCATIONS, ERRORS))
        if requests:
            last = max(value for _, value in points[dimensions, LAST])
            figures[dimensions] = (requests, errors, datetime.fromtimestamp(last, UTC))
    total = sum(requests for requests, _, _ in figures.values())
    callers = [
        Caller(
            dict(dimensions)["AccessKeyId"], dict(dimensions).get("UserName", ""), requests, errors,
            100 * requests / total, last,
        )
        for dimensions, (requests, errors, last) in figures.items()
    ]  # fmt: skip
    return sorted(callers, key=lambda caller: -caller.requests)


def _metrics(endpoint: Endpoint) -> list[tuple[tuple[str, str], ...]]:
    """The dimensions of each metric that counts a key's requests."""
    filters = [{"Name": "EndpointName", "Value": endpoint.name}, {"Name": "AccessKeyId"}]
    with aws.plain_errors():
        answer = aws.client("cloudwatch").list_metrics(
            Namespace=OWN_NAMESPACE, MetricName=INVOCATIONS, Dimensions=filters
        )
    metrics = [tuple((d["Name"], d["Value"]) for d in metric["Dimensions"]) for metric in answer["Metrics"]]
    return metrics[:MAX_CALLERS]
