"""What a job or an endpoint cost on one day; it outlives the row of the job or the endpoint."""

from django.db import models
from django.utils.timezone import now


class Charge(models.Model):
    """US dollars of one job or endpoint on one day of UTC, at Amazon's price, wherever it ran.

    A job is charged on the day that it ended. An endpoint is charged for each day when its row goes; until then its
    cost follows from the row.
    """

    class Kind(models.TextChoices):
        ENDPOINTS = "endpoints"
        TRAINING = "training"
        BATCH = "batch"

    source = models.CharField(max_length=40, help_text='Whose it is: "job-17".')
    day = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind)
    usd = models.FloatField()
    written = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="one_charge_a_day")]
        indexes = [
            models.Index(fields=["day", "kind", "usd"], name="charge_day"),
            models.Index(fields=["written"], name="charge_written"),
        ]

    def __str__(self) -> str:
        return f"{self.source} on {self.day}: ${self.usd:.2f}"
