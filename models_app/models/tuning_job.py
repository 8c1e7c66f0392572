"""A hyperparameter tuning job as the console follows it, with its tries."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from models_app.models.live_row import LiveRow
from models_app.models.tuning_presenter import TuningPresenter


class TuningJob(TuningPresenter, LiveRow):
    """One CreateHyperParameterTuningJob of another client. Its training jobs have rows of their own."""

    class Status(models.TextChoices):
        IN_PROGRESS = "InProgress", "Tuning"
        STOPPING = "Stopping", "Stopping"
        COMPLETED = "Completed", "Completed"
        FAILED = "Failed", "Failed"
        STOPPED = "Stopped", "Stopped"

    MOVES = {
        Status.IN_PROGRESS: (Status.STOPPING, Status.COMPLETED, Status.FAILED, Status.STOPPED),
        Status.STOPPING: (Status.STOPPED, Status.COMPLETED, Status.FAILED),
    }
    LIVE = (Status.IN_PROGRESS, Status.STOPPING)
    TOPICS = ("tunings", "tuning")
    EVENT_TEXTS = {
        Status.STOPPING: gettext_noop("Stopping"),
        Status.COMPLETED: gettext_noop("Tuning completed"),
        Status.FAILED: gettext_noop("Tuning failed"),
        Status.STOPPED: gettext_noop("Tuning stopped"),
    }

    name = models.CharField(max_length=63, unique=True)
    arn = models.CharField(max_length=256, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    external = models.BooleanField(default=True)
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
    stop_requested = models.BooleanField(default=False)
    seen = models.DateTimeField(null=True, blank=True, help_text="When SageMaker last told us.")
    followed = models.DateTimeField(null=True, blank=True, help_text="When it was last described.")

    model_id = None  # it belongs to no model

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["-created", "-id"], name="tuning_created"),
            models.Index(fields=["status", "-created", "-id"], name="tuning_status"),
        ]

    def __str__(self) -> str:
        return self.name
