"""A batch transform job as the console follows it: ours, with its table and its result, or made elsewhere."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from common.db.claim import Claimable
from models_app.models.live_row import LiveRow
from models_app.models.message_field import MessageField
from models_app.models.transform_presenter import TransformPresenter


class TransformJob(TransformPresenter, LiveRow, Claimable):
    """One SageMaker transform job: the predictions for a table, or one that the sweep found (`external`)."""

    class Status(models.TextChoices):
        CREATED = "Created", "Queued"
        LAUNCHING = "Launching", "Queued"
        IN_PROGRESS = "InProgress", "Predicting"
        STOPPING = "Stopping", "Stopping"
        COLLECTING = "Collecting", "Predicting"
        COMPLETED = "Completed", "Completed"
        FAILED = "Failed", "Failed"
        STOPPED = "Stopped", "Stopped"

    # Created: the table is being encoded. Launching: SageMaker is being asked. Collecting: it has answered, and the
    # answers are put beside the rows.
    MOVES = {
        Status.CREATED: (Status.LAUNCHING, Status.FAILED, Status.STOPPED),
        Status.LAUNCHING: (Status.IN_PROGRESS, Status.FAILED, Status.STOPPED),
        Status.IN_PROGRESS: (
            Status.STOPPING,
            Status.COLLECTING,
            Status.COMPLETED,
            Status.FAILED,
            Status.STOPPED,
        ),
        Status.STOPPING: (Status.STOPPED, Status.COLLECTING, Status.COMPLETED, Status.FAILED),
        Status.COLLECTING: (Status.COMPLETED, Status.FAILED),
    }

    LIVE = (Status.CREATED, Status.LAUNCHING, Status.IN_PROGRESS, Status.STOPPING, Status.COLLECTING)
    AT_SAGEMAKER = (Status.IN_PROGRESS, Status.STOPPING)
    STOPPABLE = (Status.CREATED, Status.LAUNCHING, Status.IN_PROGRESS)
    TOPICS = ("transforms", "transform")
    EVENT_TEXTS = {
        Status.LAUNCHING: gettext_noop("SageMaker is asked to predict"),
        Status.IN_PROGRESS: gettext_noop("Transform job started"),
        Status.STOPPING: gettext_noop("Stopping"),
        Status.COLLECTING: gettext_noop("All rows are predicted"),
        Status.COMPLETED: gettext_noop("Batch prediction completed"),
        Status.FAILED: gettext_noop("Batch prediction failed"),
        Status.STOPPED: gettext_noop("Batch prediction stopped"),
    }

    name = models.CharField(max_length=63, unique=True)
    arn = models.CharField(max_length=256, blank=True)
    model = models.ForeignKey("Model", models.SET_NULL, null=True, blank=True, related_name="transforms")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    external = models.BooleanField(default=False)
    intent = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text="The form's own, tagged on what SageMaker makes."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.CREATED)
    failure_reason = models.TextField(blank=True)
    created = models.DateTimeField(default=now)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    algorithm = models.CharField(max_length=40, blank=True)
    sagemaker_model = models.CharField(max_length=63, blank=True)
    instance_type = models.CharField(max_length=40, default="ml.m5.large")
    described = models.JSONField(default=dict, help_text="The last DescribeTransformJob answer, timestamps as text.")

    input_uri = models.CharField(max_length=1200, blank=True, help_text="The table, or what the job reads")
    input_etag = models.CharField(max_length=80, blank=True)
    columns = models.JSONField(default=dict, help_text="{column of the model: column of the table} of those renamed")
    artifact = models.CharField(max_length=1200, blank=True)
    output_uri = models.CharField(max_length=1200, blank=True, help_text="The result, or where the job writes")
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    sent = models.PositiveBigIntegerField(null=True, blank=True, help_text="Rows that could be encoded.")
    result = models.JSONField(default=dict, help_text="tables.batch_result.BatchSummary; {} until it is written")
    why = MessageField(blank=True, help_text="Why the first row that is not sent cannot be read.")

    preparing = models.JSONField(default=dict, help_text='{"done", "total"} while the table is encoded')
    stop_requested = models.BooleanField(default=False)
    last_synced = models.DateTimeField(
        null=True, blank=True, db_column="seen", help_text="When SageMaker last listed or described it."
    )
    modified = models.DateTimeField(null=True, blank=True, help_text="SageMaker's LastModifiedTime when listed.")
    followed = models.DateTimeField(null=True, blank=True, help_text="When it was last described.")

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["-created", "-id"], name="transform_created"),
            models.Index(fields=["status", "-created", "-id"], name="transform_status"),
        ]

    def __str__(self) -> str:
        return self.name
