"""The requests of one hour to all endpoints together."""

from django.db import models
from django.utils.timezone import now


class TrafficHour(models.Model):
    """Requests and errors of all endpoints in the hour that begins at `at`.

    `requests` and `errors` are of endpoints that have a row, summed anew for 24 hours; those of endpoints that are gone
    are in `gone_requests` and `gone_errors`.
    """

    at = models.DateTimeField(unique=True)
    requests = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    gone_requests = models.PositiveBigIntegerField(default=0)
    gone_errors = models.PositiveBigIntegerField(default=0)
    written = models.DateTimeField(default=now, db_index=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.requests + self.gone_requests} requests"
