"""Metric data of invocations: CloudWatch's five metrics of a variant, and ours of its categories and its callers."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.models.sketch import Sketch, sketch

NAMESPACE, OWN_NAMESPACE = "AWS/SageMaker", "Sagewright"  # CloudWatch has nothing in the second
UNSEEN = "UnseenCategories"
CALLER_INVOCATIONS, CALLER_ERRORS, CALLER_LAST = "CallerInvocations", "CallerErrors", "CallerLastInvocation"
MINUTE, HOUR = 60, 3600


class Source(NamedTuple):
    """The group of an invocation: access key, variant, and the minute in which it ended."""

    region: str
    endpoint: str
    variant: str
    access_key_id: str
    minute: int  # since the epoch


@dataclass(slots=True)
class Invocations:
    """Invocations of one source. Latencies are seconds; `unseen` are numbers of unseen categories, none of them 0."""

    model: list[float] = field(default_factory=list)
    overhead: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0
    unseen: list[int] = field(default_factory=list)
    last: float = 0.0  # when the last one ended, in seconds since the epoch

    def add(self, earlier: "Invocations") -> None:
        """Count the invocations of `earlier` among these."""
        self.model[:0], self.overhead[:0], self.unseen[:0] = earlier.model, earlier.overhead, earlier.unseen
        self.refused, self.failed = self.refused + earlier.refused, self.failed + earlier.failed
        self.last = max(self.last, earlier.last)


class Metric(NamedTuple):
    """A metric and the period it is counted in, which begins at `start`, seconds since the epoch."""

    region: str
    namespace: str
    name: str
    dimensions: str
    unit: str
    start: int
    seconds: int


@dataclass(frozen=True)
class Statistics:
    """The statistic set of a metric's values."""

    count: float
    sum: float
    minimum: float
    maximum: float
    sketch: Sketch | None = None


def metric_data(invocations: Mapping[Source, Invocations], person: Callable[[str], str]) -> dict[Metric, Statistics]:
    """The metric data of `invocations`; `person` names the owner of an access key by its id."""
    data: dict[Metric, Statistics] = {}
    by_variant: dict[Source, list[Invocations]] = defaultdict(list)
    by_caller: dict[tuple[str, str, str, int], list[Invocations]] = defaultdict(list)
    for source, counted in invocations.items():
        by_variant[source._replace(access_key_id="")].append(counted)
        hour = source.minute * MINUTE // HOUR * HOUR
        by_caller[source.region, source.endpoint, source.access_key_id, hour].append(counted)
    for source, parts in by_variant.items():
        data.update(_of_variant(source, parts))
    for (region, endpoint, key, hour), parts in by_caller.items():
        name = person(key).replace(",", "-")  # which ends a dimension in MetricDatum
        dimensions = f"AccessKeyId={key},EndpointName={endpoint},UserName={name}"
        data.update(_of_caller(region, dimensions, hour, parts))
    return data


def _of_variant(source: Source, parts: list[Invocations]) -> dict[Metric, Statistics]:
    dimensions = f"EndpointName={source.endpoint},VariantName={source.variant}"
    model, overhead = (
        [seconds * 1e6 for part in parts for seconds in getattr(part, name)] for name in ("model", "overhead")
    )
    values = {
        (NAMESPACE, "Invocations", "None"): Statistics(len(model), len(model), 1.0, 1.0),
        (NAMESPACE, "Invocation4XXErrors", "None"): _share(sum(part.refused for part in parts), len(model)),
        (NAMESPACE, "Invocation5XXErrors", "None"): _share(sum(part.failed for part in parts), len(model)),
        (NAMESPACE, "ModelLatency", "Microseconds"): _latency(model),
        (NAMESPACE, "OverheadLatency", "Microseconds"): _latency(overhead),
    }
    if unseen := [count for part in parts for count in part.unseen]:
        values[OWN_NAMESPACE, UNSEEN, "Count"] = Statistics(len(unseen), sum(unseen), min(unseen), max(unseen))
    return {
        Metric(source.region, namespace, name, dimensions, unit, source.minute * MINUTE, MINUTE): statistics
        for (namespace, name, unit), statistics in values.items()
    }


def _of_caller(region: str, dimensions: str, hour: int, parts: list[Invocations]) -> dict[Metric, Statistics]:
    count, errors = sum(len(part.model) for part in parts), sum(part.refused + part.failed for part in parts)
    last = max(part.last for part in parts)
    values = {
        (CALLER_INVOCATIONS, "None"): Statistics(count, count, 1.0, 1.0),
        (CALLER_ERRORS, "None"): _share(errors, count),
        (CALLER_LAST, "Seconds"): Statistics(1, last, last, last),
    }
    return {
        Metric(region, OWN_NAMESPACE, name, dimensions, unit, hour, HOUR): statistics
        for (name, unit), statistics in values.items()
    }


def _share(ones: int, count: int) -> Statistics:
    """Of `count` values that are 0 or 1, of which `ones` are 1."""
    return Statistics(count, ones, float(ones == count), float(ones > 0))


def _latency(microseconds: list[float]) -> Statistics:
    return Statistics(len(microseconds), sum(microseconds), min(microseconds), max(microseconds), sketch(microseconds))
