"""A training job as the console follows it, with its learning curve and its log."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from common.db.claim import Claimable
from models_app.models.job_presenter import JobPresenter
from models_app.models.live_row import LiveRow
from models_app.models.message_field import MessagesField


class TrainingJob(JobPresenter, LiveRow, Claimable):
    """One SageMaker training job: ours, or made elsewhere and found by the sweep (`external`)."""

    class Status(models.TextChoices):
        CREATED = "Created", "Queued"
        LAUNCHING = "Launching", "Queued"
        IN_PROGRESS = "InProgress", "Training"
        STOPPING = "Stopping", "Stopping"
        COMPLETED = "Completed", "Ready"
        FAILED = "Failed", "Failed"
        STOPPED = "Stopped", "Stopped"

    # Created: the data is being prepared. Launching: SageMaker is being asked; the name is already ours.
    MOVES = {
        Status.CREATED: (Status.LAUNCHING, Status.FAILED, Status.STOPPED),
        Status.LAUNCHING: (Status.IN_PROGRESS, Status.FAILED, Status.STOPPED),
        Status.IN_PROGRESS: (Status.STOPPING, Status.COMPLETED, Status.FAILED, Status.STOPPED),
        Status.STOPPING: (Status.STOPPED, Status.COMPLETED, Status.FAILED),
    }

    LIVE = (Status.CREATED, Status.LAUNCHING, Status.IN_PROGRESS, Status.STOPPING)
    FINAL = (Status.COMPLETED, Status.FAILED, Status.STOPPED)
    TOPICS = ("jobs", "job")
    EVENT_TEXTS = {
        Status.LAUNCHING: gettext_noop("SageMaker is asked to train"),
        Status.IN_PROGRESS: gettext_noop("Training job started"),
        Status.STOPPING: gettext_noop("Stopping"),
        Status.COMPLETED: gettext_noop("Training completed"),
        Status.FAILED: gettext_noop("Training failed"),
        Status.STOPPED: gettext_noop("Training stopped"),
    }

    name = models.CharField(max_length=63, unique=True)
    arn = models.CharField(max_length=256, blank=True)
    model = models.ForeignKey("Model", models.SET_NULL, null=True, blank=True, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    external = models.BooleanField(default=False)
    intent = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text="Tagged on the SageMaker job, to know our own after a lost answer.",
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.CREATED)
    secondary_status = models.CharField(max_length=40, blank=True)
    failure_reason = models.TextField(blank=True)
    error_lines = models.JSONField(
        null=True, blank=True, help_text="Of a failed job: text.failures.error_lines of its log; null: not looked for"
    )
    created = models.DateTimeField(default=now)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    billable_seconds = models.PositiveIntegerField(null=True, blank=True)
    artifact = models.CharField(max_length=1200, blank=True)
    artifact_bytes = models.BigIntegerField(null=True, blank=True, help_text="Empty where nobody asked S3.")
    algorithm = models.CharField(max_length=40, blank=True)
    instance_type = models.CharField(max_length=40, blank=True)
    final_metrics = models.JSONField(default=dict, help_text="{name: value}")
    described = models.JSONField(default=dict, help_text="The last DescribeTrainingJob answer, timestamps as text.")
    channels = models.JSONField(default=dict, help_text="{channel: s3 uri} made by preparing the data")
    preflight = MessagesField(default=dict, help_text="The preflight.Report it was launched with")
    preparing = models.JSONField(default=dict, help_text='{"step", "done", "total"} while its data is prepared')
    stop_requested = models.BooleanField(default=False)

    hyperparameters = models.JSONField(default=dict, help_text="{name: text} as SageMaker was asked")
    content_type = models.CharField(max_length=40, default="text/csv", help_text="of its channels")
    content_types = models.JSONField(default=dict, help_text="{channel: content type} where one has another than that")
    progress = models.JSONField(
        default=dict,
        help_text='{"round", "metric", "goal", "value", "best", "best_round", "curve", "at"} as read from the log',
    )

    test_figures = MessagesField(
        default=dict,
        help_text='{"rows", "figures": [a figure of evaluation.document]} of the test rows, or {"rows", "problem"}',
    )
    evaluated = models.DateTimeField(null=True, blank=True, help_text="When the test rows were measured.")

    # Following
    last_synced = models.DateTimeField(
        null=True, blank=True, db_column="seen", help_text="When SageMaker last listed or described it."
    )
    modified = models.DateTimeField(
        null=True, blank=True, help_text="SageMaker's LastModifiedTime when last described."
    )
    followed = models.DateTimeField(null=True, blank=True, help_text="When it was last described.")
    log_stream = models.CharField(max_length=512, blank=True)
    log_token = models.CharField(max_length=200, blank=True)
    log_done = models.BooleanField(default=False, help_text="Its log has been read to the end.")
    points_thinned = models.BooleanField(default=False, help_text="Its curves hold what a chart shows, and no more.")
    expired = models.DateTimeField(null=True, blank=True, help_text="When its log lines and events went from here.")
    archive = models.CharField(
        max_length=1200, blank=True, help_text="s3://bucket/folder that they are in; empty: none"
    )
    launch_attempts = models.PositiveIntegerField(default=0, help_text="How often SageMaker was asked to start it.")

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            # Holds all that a search in the list looks at: rows are wide, and this is a twentieth of them.
            models.Index(
                fields=["-created", "-id", "name", "algorithm", "status", "owner", "external"],
                name="job_search",
            ),
            models.Index(fields=["status", "-created", "-id"]),
            models.Index(fields=["status_since", "status"], name="job_since"),
            models.Index(fields=["algorithm", "-created", "-id", "model"], name="job_attempts"),
            models.Index(fields=["started", "id"], name="job_started"),
            # What `sync.sweep` asks for every two seconds; hardly a row is in the last two.
            models.Index(fields=["worker"]),
            models.Index(fields=["arn"], condition=Q(log_done=False), name="job_log_unread"),
            models.Index(fields=["-created", "-id", "arn"], condition=Q(followed=None), name="job_never_described"),
            # What retention asks for: the oldest job that it has not done yet.
            models.Index(fields=["created", "status"], condition=Q(points_thinned=False), name="job_unthinned"),
            models.Index(fields=["created", "status"], condition=Q(expired=None), name="job_unexpired"),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def evaluation(self):
        """The evaluation of its model on its own rows, not on a table that a person named; None without one."""
        return self.evaluations.filter(on="").first()


class MetricPoint(models.Model):
    """One value of one metric at one round."""

    job = models.ForeignKey(TrainingJob, models.CASCADE, related_name="points")
    name = models.CharField(max_length=80)
    round = models.PositiveIntegerField()
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name", "round"], name="one_point_a_round")]

    def __str__(self) -> str:
        return f"{self.name} {self.value} at {self.round}"


class LogLine(models.Model):
    """One log line; `number` counts from 1 within its job. The first MOST are kept, all of them are in CloudWatch."""

    MOST = 50_000

    job = models.ForeignKey(TrainingJob, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_line_a_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return self.text[:80]
