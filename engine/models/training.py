"""The row of a training job."""

from django.db import models

from engine.models.job import Job
from engine.models.resource import one_name
from engine.models.tuning import HyperParameterTuningJob


class TrainingJob(Job):
    """One CreateTrainingJob request and what became of it."""

    ARN_TYPE = "training-job"

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
    secondary_status = models.CharField(max_length=40, default="Starting")
    transitions = models.JSONField(
        default=list, help_text="[{Status, StartTime, EndTime, StatusMessage}], times in epoch seconds"
    )
    final_metrics = models.JSONField(default=list, help_text="[{MetricName, Value, Timestamp}], times in epoch seconds")

    tuning = models.ForeignKey(
        HyperParameterTuningJob, models.SET_NULL, null=True, blank=True, related_name="training_jobs"
    )
    tuned = models.JSONField(default=dict, blank=True, help_text="The hyperparameters that its tuning job chose.")

    class Meta:
        constraints = [one_name("training_job_name")]
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["-created", "-id"]),
            models.Index(fields=["status", "-created", "-id"]),
        ]

    @property
    def artifact(self) -> str:
        """Where model.tar.gz goes: s3://{S3OutputPath}/{name}/output/model.tar.gz."""
        return f"{self.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.name}/output/model.tar.gz"
