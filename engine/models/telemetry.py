"""What CloudWatch would keep: log events and metric data."""

from django.db import models


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


class RetentionMark(models.Model):
    """How far a step of `engine.retention` has come: the id of the last row that it has seen, or a time."""

    name = models.CharField(max_length=40, unique=True)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.position}"
