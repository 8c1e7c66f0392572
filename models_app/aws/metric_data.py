"""Asks CloudWatch for many metrics at once: up to 500 in a call."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models_app import aws

MAX_QUERIES = 500  # GetMetricData takes no more
Key = TypeVar("Key", bound=Hashable)
Points = list[tuple[datetime, float]]


@dataclass(frozen=True)
class MetricQuery:
    """One statistic of one metric, a point every `period` seconds that has data."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    period: int

    def as_request(self, query_id: str) -> dict:
        """The query as GetMetricData takes it."""
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions]
        metric = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}
        return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": self.period, "Stat": self.stat}}


def metric_data(queries: Mapping[Key, MetricQuery], start: datetime, end: datetime) -> dict[Key, Points]:
    """The points of each query, oldest first. Raises aws.Refused, aws.Unavailable."""
    keys = list(queries)
    points: dict[Key, Points] = {key: [] for key in keys}
    for first in range(0, len(keys), MAX_QUERIES):
        _ask(keys[first : first + MAX_QUERIES], queries, start, end, points)
    return points


def _ask(
    keys: Sequence[Key], queries: Mapping[Key, MetricQuery], start: datetime, end: datetime, points: dict[Key, Points]
) -> None:
    requests = [queries[key].as_request(f"q{number}") for number, key in enumerate(keys)]
    more: dict = {}
    while True:
        with aws.plain_errors():
            answer = aws.client("cloudwatch").get_metric_data(
                MetricDataQueries=requests, StartTime=start, EndTime=end, ScanBy="TimestampAscending", **more
            )
        for result in answer["MetricDataResults"]:
            key = keys[int(result["Id"][1:])]
            points[key] += zip(result["Timestamps"], result["Values"], strict=True)
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}
