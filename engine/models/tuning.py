"""The row of a hyperparameter tuning job."""

from django.db import models

from common.db.status import StatusRow
from engine.models.resource import Resource, one_name


class HyperParameterTuningJob(StatusRow, Resource):
    """One CreateHyperParameterTuningJob request and what became of it. Its training jobs are `training_jobs`."""

    ARN_TYPE = "hyper-parameter-tuning-job"

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
        constraints = [one_name("tuning_job_name")]
        indexes = [
            models.Index(fields=["-created", "-id"]),
            models.Index(fields=["status", "-created", "-id"]),
        ]
