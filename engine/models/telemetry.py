"""What CloudWatch would keep: log events and metric data."""

from datetime import datetime
from itertools import takewhile

from django.db import models

AT_ONCE = 5000  # rows that one transaction deletes


class LogEvent(models.Model):
    """One line of one log stream. Its id is its place in the stream; times are epoch milliseconds."""

    region = models.CharField(max_length=32)
    group = models.CharField(max_length=512)
    stream = models.CharField(max_length=512)
    timestamp = models.BigIntegerField()
    ingested = models.BigIntegerField()
    message = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["region", "group", "stream", "id"])]

    def __str__(self) -> str:
        return self.message[:80]


class MetricDatum(models.Model):
    """A statistic set of one metric: count, sum, min and max of what was seen in the period starting at `timestamp`."""

    region = models.CharField(max_length=32)
    namespace = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    dimensions = models.CharField(max_length=1024, help_text="Name=Value pairs, sorted, joined by ','")
    timestamp = models.DateTimeField()
    unit = models.CharField(max_length=32, default="None")
    count = models.FloatField(default=1)
    sum = models.FloatField()
    minimum = models.FloatField()
    maximum = models.FloatField()
    sketch = models.JSONField(null=True, help_text="The distribution of the values (engine.models.sketch), if known")

    class Meta:
        indexes = [models.Index(fields=["region", "namespace", "name", "dimensions", "timestamp"])]

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"


def expire(before: datetime) -> None:
    """Delete the log events that came, and the metric data of periods that began, before `before`. Repeatable.

    Ids ascend with time: it reads from the oldest row on and ends at the first that stays, without an index by time.
    """
    _expire(LogEvent, "ingested", before.timestamp() * 1000)
    _expire(MetricDatum, "timestamp", before)


def _expire(rows: type[models.Model], field: str, before: datetime | float) -> None:
    oldest = rows._default_manager.order_by("pk").values_list("pk", field)
    while expired := list(takewhile(lambda row: row[1] < before, oldest[:AT_ONCE])):
        rows._default_manager.filter(pk__lte=expired[-1][0]).delete()
