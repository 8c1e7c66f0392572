"""The abstract rows of jobs: resources that run to an end, and those of them that a worker claims."""

from django.db import models

from common.db.claim import Claimable
from engine.models.events import EventSource

GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as in SageMaker


class FiniteResource(EventSource):
    """A resource that is in progress until it completes, fails or is stopped."""

    class Status(models.TextChoices):
        IN_PROGRESS = "InProgress"
        STOPPING = "Stopping"
        COMPLETED = "Completed"
        FAILED = "Failed"
        STOPPED = "Stopped"

    MOVES = {
        Status.IN_PROGRESS: (Status.STOPPING, Status.COMPLETED, Status.FAILED, Status.STOPPED),
        Status.STOPPING: (Status.STOPPED, Status.COMPLETED, Status.FAILED),
    }

    status = models.CharField(max_length=16, choices=Status, default=Status.IN_PROGRESS)
    failure_reason = models.TextField(blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["-created", "-id"]),
            models.Index(fields=["status", "-created", "-id"]),
        ]


class Job(Claimable, FiniteResource):
    """A resource that workers run once: training, transform. `attempt` counts the workers that have begun it."""

    started = models.DateTimeField(null=True, blank=True)

    class Meta(FiniteResource.Meta):
        abstract = True
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["worker"]),
            *FiniteResource.Meta.indexes,
        ]

    @staticmethod
    def kinds() -> list[type["Job"]]:
        """Return every concrete kind of job."""
        return [kind for kind in Job.__subclasses__() if not kind._meta.abstract]
