"""The row of a training job."""

from django.db import models

from common.s3_uri import normalize_s3_uri
from engine.models.job import Job
from engine.models.resource import one_name
from engine.models.tuning import HyperParameterTuningJob


class TrainingJob(Job):
    """One CreateTrainingJob request and what became of it."""

    ARN_TYPE = "training-job"

    secondary_status = models.CharField(max_length=40, default="Starting")
    transitions = models.JSONField(
        default=list, help_text="[{Status, StartTime, EndTime, StatusMessage}], times in epoch seconds"
    )
    final_metrics = models.JSONField(default=list, help_text="[{MetricName, Value, Timestamp}], times in epoch seconds")

    tuning = models.ForeignKey(
        HyperParameterTuningJob, models.SET_NULL, null=True, blank=True, related_name="training_jobs"
    )
    tuned = models.JSONField(default=dict, blank=True, help_text="The hyperparameters that its tuning job chose.")

    class Meta(Job.Meta):
        constraints = [one_name("training_job_name")]

    @property
    def artifact(self) -> str:
        """Where model.tar.gz goes: s3://{S3OutputPath}/{name}/output/model.tar.gz."""
        folder = normalize_s3_uri(self.request["OutputDataConfig"]["S3OutputPath"]).rstrip("/")
        return f"{folder}/{self.name}/output/model.tar.gz"
