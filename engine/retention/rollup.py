"""Merges metric data into longer periods with age, as CloudWatch does.

CloudWatch keeps periods of a minute for 15 days, of five minutes for 63 days, of an hour for 455 days:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html. A row is a statistic set, so
what is merged still has the exact count, sum, minimum and maximum, and percentiles by its sketch.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from django.db import transaction

from engine.models import MetricDatum, RetentionMark
from engine.models.sketch import merge

AT_ONCE = 5000  # rows that one transaction looks at


class Tier(NamedTuple):
    """Data of periods that began `age` ago is merged into periods of `seconds`."""

    name: str
    age: timedelta
    seconds: int


TIERS = (
    Tier("five minutes", timedelta(days=15), 300),
    Tier("an hour", timedelta(days=63), 3600),
)


def roll_up(tier: Tier, now: datetime) -> bool:
    """Merge the next AT_ONCE rows that are old enough for `tier`; False when there is none.

    The place that it has come to is stored with the merged rows in one transaction, so it may be killed at any point.
    A merged row keeps the id of its first one: ids go on to ascend with time, as `telemetry` relies on.
    """
    before = datetime.fromtimestamp((now - tier.age).timestamp() // tier.seconds * tier.seconds, UTC)
    with transaction.atomic():
        mark, _ = RetentionMark.objects.select_for_update().get_or_create(name=f"roll up to {tier.name}")
        candidates = MetricDatum.objects.filter(pk__gt=mark.position).order_by("pk")[:AT_ONCE]
        rows = list(takewhile(lambda row: row.timestamp < before, candidates))
        if not rows:
            return False
        _merge(rows, tier.seconds)
        mark.position = rows[-1].pk
        mark.save(update_fields=["position"])
    return True


def _merge(rows: list[MetricDatum], seconds: int) -> None:
    groups: dict[tuple, list[MetricDatum]] = defaultdict(list)
    for row in rows:
        period = row.timestamp.timestamp() // seconds
        groups[row.region, row.namespace, row.name, row.dimensions, row.unit, period].append(row)
    merged, gone = [], []
    for (*_, period), (first, *others) in groups.items():
        if not others:
            continue
        first.timestamp = datetime.fromtimestamp(period * seconds, UTC)
        first.sketch = _sketch([first, *others])
        for row in others:
            first.count += row.count
            first.sum += row.sum
            first.minimum = min(first.minimum, row.minimum)
            first.maximum = max(first.maximum, row.maximum)
            gone.append(row.pk)
        merged.append(first)
    fields = ["timestamp", "count", "sum", "minimum", "maximum", "sketch"]
    MetricDatum.objects.bulk_update(merged, fields, batch_size=500)
    for start in range(0, len(gone), 500):
        MetricDatum.objects.filter(pk__in=gone[start : start + 500]).delete()


def _sketch(rows: list[MetricDatum]) -> dict[str, int] | None:
    """Of all rows together; None where one has none, for percentiles would be those of the others."""
    if any(row.sketch is None for row in rows):
        return None
    total: dict[str, int] = {}
    for row in rows:
        merge(total, row.sketch or {})
    return total
