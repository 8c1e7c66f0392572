"""What CloudWatch counted of an endpoint's requests."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.timezone import now

from jobs.hosting import VARIANT
from models_app import aws
from models_app.models import Endpoint

MAX_VARIANTS = 10
MAX_POINTS = 1440  # GetMetricStatistics gives no more
DAY = timedelta(days=1)
NAMESPACE, OWN_NAMESPACE = "AWS/SageMaker", "Sagewright"  # the second is our engine's alone


@dataclass(frozen=True)
class RequestCounts:
    """Requests within a day, those that were refused, and categories in them that training did not have.

    `unseen` is None where nobody counts them: AWS's containers know no categories.
    """

    requests: int
    refused: int
    failed: int
    unseen: int | None


def request_counts(endpoint: Endpoint, within: timedelta = DAY) -> RequestCounts:
    """The counts of `endpoint`. Raises aws.Refused, aws.Unavailable."""
    names = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors")
    requests, refused, failed = (int(total(endpoint, name, within)) for name in names)
    is_counted = settings.BACKEND == "engine"
    unseen = int(total(endpoint, "UnseenCategories", within, OWN_NAMESPACE)) if is_counted else None
    return RequestCounts(requests, refused, failed, unseen)


def variants_of(endpoint: Endpoint) -> list[str]:
    """The names of its variants, as SageMaker described them."""
    described = (endpoint.described or {}).get("ProductionVariants") or ()
    return [variant["VariantName"] for variant in described][:MAX_VARIANTS] or [VARIANT]


def total(endpoint: Endpoint, metric: str, within: timedelta, namespace: str = NAMESPACE) -> float:
    """The sum of `metric` of all variants within that time until now. Raises aws.Refused, aws.Unavailable."""
    end, counted = now(), 0.0
    for variant in variants_of(endpoint):
        dimensions: Mapping[str, str] = {"EndpointName": endpoint.name, "VariantName": variant}
        with aws.plain_errors():
            answer = aws.client("cloudwatch").get_metric_statistics(
                Namespace=namespace,
                MetricName=metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
                StartTime=end - within,
                EndTime=end,
                Period=period(within),
                Statistics=["Sum"],
            )
        counted += sum(point["Sum"] for point in answer["Datapoints"])
    return counted


def period(span: timedelta) -> int:
    """Seconds a datapoint: as short as the most points allow, in the steps CloudWatch keeps data of that age in."""
    step = 60 if span <= timedelta(days=15) else 300 if span <= timedelta(days=63) else 3600
    return step * math.ceil((span.total_seconds() / step + 1) / MAX_POINTS)
