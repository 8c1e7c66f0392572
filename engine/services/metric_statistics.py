"""Statistics of metric data by period: the five of CloudWatch, and percentiles."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from engine.models.sketch import Sketch, merge, percentile

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
FIRST_SECOND = datetime.min.replace(tzinfo=UTC).timestamp()  # a period may begin before it
_PERCENTILE = re.compile(r"p(100(\.0+)?|\d{1,2}(\.\d{1,10})?)", re.ASCII)
_COLUMNS = ("timestamp", "unit", "count", "sum", "minimum", "maximum")


def is_percentile(stat: str) -> bool:
    """True for p50, p99.9 and the like."""
    return _PERCENTILE.fullmatch(stat) is not None


@dataclass(slots=True)
class Statistics:
    """The statistics of a metric's values in one period."""

    count: float = 0.0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    sketch: Sketch = field(default_factory=dict)

    def add(self, count: float, total: float, low: float, high: float) -> None:
        """Count a statistic set too."""
        self.count += count
        self.total += total
        self.low = min(self.low, low)
        self.high = max(self.high, high)

    def value(self, stat: str) -> float | None:
        """The statistic `stat`; None for a percentile of values known by their sums only, unless all are equal."""
        if stat in STATISTICS:
            return {
                "SampleCount": self.count,
                "Average": self.total / self.count,
                "Sum": self.total,
                "Minimum": self.low,
                "Maximum": self.high,
            }[stat]
        if self.low == self.high:
            return self.low
        if sum(self.sketch.values()) < self.count:
            return None
        return min(self.high, max(self.low, percentile(self.sketch, float(stat[1:]))))


def periods(
    rows: QuerySet, start: datetime, end: datetime, period: int, with_percentiles: bool
) -> Iterator[tuple[datetime, str, Statistics]]:
    """(begin, unit, statistics) of each period of `period` seconds that has data, oldest first.

    Periods begin at multiples of their length. `rows` are MetricDatum of one metric.
    """
    begin = datetime.fromtimestamp(max(start.timestamp() // period * period, FIRST_SECOND), UTC)
    by_period: dict[tuple[float, str], Statistics] = {}
    columns = (*_COLUMNS, "sketch") if with_percentiles else _COLUMNS
    data = rows.filter(Q(timestamp__gte=begin) & Q(timestamp__lt=end)).order_by("timestamp")
    for at, unit, count, total, low, high, *sketch in data.values_list(*columns).iterator():
        key = (at.timestamp() // period * period, unit)
        if (statistics := by_period.get(key)) is None:
            statistics = by_period[key] = Statistics()
        statistics.add(count, total, low, high)
        if sketch and sketch[0]:
            merge(statistics.sketch, sketch[0])
    for (at, unit), statistics in sorted(by_period.items(), key=lambda item: item[0]):
        yield datetime.fromtimestamp(at, UTC), unit, statistics
