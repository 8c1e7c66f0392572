"""A full read of a table for the Create model page: what the whole file holds, not only its beginning."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from common.db.claim import Claimable
from common.db.nudge import nudge
from common.db.status import StatusRow
from models_app.models.message_field import MessageField


class Scan(Claimable, StatusRow):
    """One scan of one version of a table under one recipe, shared by all who ask for the same."""

    class Status(models.TextChoices):
        QUEUED = "Queued", "Queued"
        RUNNING = "Running", "Reading"
        DONE = "Done", "Done"
        FAILED = "Failed", "Failed"
        CANCELLED = "Cancelled", "Cancelled"

    MOVES = {
        Status.QUEUED: (Status.RUNNING, Status.FAILED, Status.CANCELLED),
        Status.RUNNING: (Status.QUEUED, Status.DONE, Status.FAILED, Status.CANCELLED),
    }

    uri = models.CharField(max_length=1200)
    etag = models.CharField(max_length=80)
    key = models.CharField(max_length=64, unique=True, help_text="sha256 of uri, etag and the recipe's reading")
    recipe = models.JSONField(default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created = models.DateTimeField(default=now)
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    done = models.BigIntegerField(default=0, help_text="bytes read")
    total = models.BigIntegerField(default=0, help_text="bytes")
    profile = models.JSONField(default=dict, help_text="tables.Profile.as_json()")
    failure = MessageField(blank=True)

    class Meta:
        ordering = ["-created"]
        indexes = [models.Index(fields=["worker"]), models.Index(fields=["status", "status_since"])]

    def __str__(self) -> str:
        return f"{self.uri} {self.status}"

    @property
    def percent(self) -> float:
        """The share of bytes that was read, 0 to 100."""
        return 100 * self.done / self.total if self.total else 0.0

    def changed(self) -> None:
        """Nudge the pages that show this scan."""
        nudge(f"scan-{self.pk}")

    def moved(self, was, became, at) -> None:
        """Have the pages that show it ask again."""
        self.changed()
