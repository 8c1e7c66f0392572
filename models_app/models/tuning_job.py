"""A hyperparameter tuning job as the console follows it, with its tries: ours, or made elsewhere."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from common.db.claim import Claimable
from models_app.models.live_row import LiveRow
from models_app.models.message_field import MessagesField
from models_app.models.tuning_presenter import TuningPresenter


class TuningJob(TuningPresenter, LiveRow, Claimable):
    """One SageMaker tuning job: ours, or made elsewhere and found by the sweep (`external`).

    Its training jobs have rows of their own, as the sweep finds them.
    """

    class Status(models.TextChoices):
        CREATED = "Created", "Queued"
        LAUNCHING = "Launching", "Queued"
        IN_PROGRESS = "InProgress", "Tuning"
        STOPPING = "Stopping", "Stopping"
        COMPLETED = "Completed", "Completed"
        FAILED = "Failed", "Failed"
        STOPPED = "Stopped", "Stopped"

    # Created: the data is being prepared, once for all tries. Launching: SageMaker is being asked.
    MOVES = {
        Status.CREATED: (Status.LAUNCHING, Status.FAILED, Status.STOPPED),
        Status.LAUNCHING: (Status.IN_PROGRESS, Status.FAILED, Status.STOPPED),
        Status.IN_PROGRESS: (Status.STOPPING, Status.COMPLETED, Status.FAILED, Status.STOPPED),
        Status.STOPPING: (Status.STOPPED, Status.COMPLETED, Status.FAILED),
    }
    LIVE = (Status.CREATED, Status.LAUNCHING, Status.IN_PROGRESS, Status.STOPPING)
    AT_SAGEMAKER = (Status.IN_PROGRESS, Status.STOPPING)
    STOPPABLE = (Status.CREATED, Status.LAUNCHING, Status.IN_PROGRESS)
    TOPICS = ("tunings", "tuning")
    EVENT_TEXTS = {
        Status.LAUNCHING: gettext_noop("SageMaker is asked to tune"),
        Status.IN_PROGRESS: gettext_noop("Tuning job started"),
        Status.STOPPING: gettext_noop("Stopping"),
        Status.COMPLETED: gettext_noop("Tuning completed"),
        Status.FAILED: gettext_noop("Tuning failed"),
        Status.STOPPED: gettext_noop("Tuning stopped"),
    }

    name = models.CharField(max_length=63, unique=True)
    arn = models.CharField(max_length=256, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    external = models.BooleanField(default=True)
    intent = models.UUIDField(
        unique=True, null=True, editable=False, help_text="Of ours: the form's own, tagged on the job at SageMaker."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.IN_PROGRESS)
    failure_reason = models.TextField(blank=True)
    created = models.DateTimeField(default=now)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    algorithm = models.CharField(max_length=40, blank=True)
    strategy = models.CharField(max_length=20, blank=True)
    objective = models.CharField(max_length=255, blank=True, help_text="The metric that is looked at.")
    goal = models.CharField(max_length=3, blank=True, help_text='"max" or "min"')
    best = models.FloatField(null=True, blank=True)
    best_job = models.CharField(max_length=63, blank=True)
    tries = models.PositiveIntegerField(default=0, help_text="Training jobs that have ended.")
    limit = models.PositiveIntegerField(null=True, blank=True, help_text="MaxNumberOfTrainingJobs")
    trials = models.JSONField(
        default=list, help_text='[{"name", "status", "value", "tuned": {name: text}, "seconds", "why"}], oldest first'
    )
    described = models.JSONField(default=dict, help_text="The last Describe answer, timestamps as text.")
    template = models.JSONField(
        default=dict, help_text="Of ours: the columns of the model that is created of a training job of it"
    )
    search = models.JSONField(default=dict, help_text="Of ours: a jobs.tuning.search.Search")
    schema = models.JSONField(default=dict, help_text="What preparing the data found, as a model's")
    lineage = MessagesField(default=dict, help_text="as a model's")
    channels = models.JSONField(default=dict, help_text="{channel: s3 uri} that all its training jobs read")
    content_type = models.CharField(max_length=40, default="text/csv", help_text="of its channels")
    hyperparameters = models.JSONField(default=dict, help_text="{name: text} settled by the data, tuned ones too")
    preflight = MessagesField(default=dict, help_text="The preflight.Report it was launched with")
    preparing = models.JSONField(default=dict, help_text='{"step", "done", "total"} while its data is prepared')
    launch_attempts = models.PositiveIntegerField(default=0, help_text="How often SageMaker was asked to start it.")
    stop_requested = models.BooleanField(default=False)
    last_synced = models.DateTimeField(
        null=True, blank=True, db_column="seen", help_text="When SageMaker last listed or described it."
    )
    followed = models.DateTimeField(null=True, blank=True, help_text="When it was last described.")

    model_id = None  # it belongs to no model

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["-created", "-id"], name="tuning_created"),
            models.Index(fields=["status", "-created", "-id"], name="tuning_status"),
            models.Index(fields=["worker"], name="tuning_worker"),
        ]

    def __str__(self) -> str:
        return self.name
