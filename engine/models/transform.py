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

    container = models.JSONField(default=dict)

    class Meta(Job.Meta):
        constraints = [one_name("transform_job_name")]
