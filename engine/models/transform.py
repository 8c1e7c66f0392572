"""The row of a batch transform job."""

from django.db import models

from engine.models.job import Job
from engine.models.resource import one_name


class TransformJob(Job):
    """One CreateTransformJob request and what became of it.

    `container` is what its model was at that time: {"Image", "ModelDataUrl", "Environment"}. The job goes on when the
    model is deleted.
    """

    ARN_TYPE = "transform-job"

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
    container = models.JSONField(default=dict)

    class Meta:
        constraints = [one_name("transform_job_name")]
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["-created", "-id"]),
            models.Index(fields=["status", "-created", "-id"]),
        ]
