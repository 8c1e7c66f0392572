"""The time of the last run of retention."""

from django.db import models


class RetentionClock(models.Model):
    """The time by which retention ran last: one row, key 1 (`common.aging_clock`)."""

    KEY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=KEY, editable=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
