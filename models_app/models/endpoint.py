"""An endpoint as the console follows it."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from models_app.models.endpoint_presenter import EndpointPresenter
from models_app.models.live_row import LiveRow


class Endpoint(EndpointPresenter, LiveRow):
    """One SageMaker endpoint: ours, or made elsewhere (`external`). The row goes when the endpoint is gone."""

    class Status(models.TextChoices):
        LAUNCHING = "Launching", "Creating"
        CREATING = "Creating", "Creating"
        IN_SERVICE = "InService", "In service"
        UPDATING = "Updating", "Updating"
        ROLLING_BACK = "RollingBack", "Rolling back"
        OUT_OF_SERVICE = "OutOfService", "Stopped"
        FAILED = "Failed", "Failed"
        DELETING = "Deleting", "Deleting"

    # Launching: SageMaker is being asked for model, configuration and endpoint; all three names are already ours.
    MOVES = {
        Status.LAUNCHING: (Status.CREATING, Status.FAILED, Status.DELETING),
        Status.CREATING: (Status.IN_SERVICE, Status.FAILED, Status.DELETING),
        Status.IN_SERVICE: (Status.UPDATING, Status.ROLLING_BACK, Status.OUT_OF_SERVICE, Status.DELETING),
        Status.UPDATING: (Status.IN_SERVICE, Status.ROLLING_BACK, Status.FAILED),
        Status.ROLLING_BACK: (Status.IN_SERVICE, Status.FAILED),
        Status.OUT_OF_SERVICE: (Status.DELETING, Status.IN_SERVICE, Status.UPDATING),
        Status.FAILED: (Status.DELETING,),
    }

    SETTLED = (Status.IN_SERVICE, Status.OUT_OF_SERVICE, Status.FAILED)
    UNSETTLED = (Status.LAUNCHING, Status.CREATING, Status.UPDATING, Status.ROLLING_BACK, Status.DELETING)
    TOPICS = ("endpoints", "endpoint")
    EVENT_TEXTS = {
        Status.CREATING: gettext_noop("Creating the endpoint"),
        Status.IN_SERVICE: gettext_noop("In service: it answers predictions"),
        Status.UPDATING: gettext_noop("Updating"),
        Status.ROLLING_BACK: gettext_noop("Rolling back to what answered before"),
        Status.OUT_OF_SERVICE: gettext_noop("Out of service"),
        Status.FAILED: gettext_noop("The endpoint failed"),
        Status.DELETING: gettext_noop("Deleting"),
    }

    name = models.CharField(max_length=63, unique=True)
    arn = models.CharField(max_length=256, blank=True)
    model = models.ForeignKey("Model", models.SET_NULL, null=True, blank=True, related_name="endpoints")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    external = models.BooleanField(default=False)
    intent = models.UUIDField(default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=16, choices=Status, default=Status.LAUNCHING)
    failure_reason = models.TextField(blank=True)
    created = models.DateTimeField(default=now)
    sagemaker_model = models.CharField(max_length=63, blank=True)
    config_name = models.CharField(max_length=63, blank=True)
    artifact = models.CharField(max_length=1200, blank=True)
    instance_type = models.CharField(max_length=40, default="ml.m5.large")
    described = models.JSONField(default=dict)
    instances = models.PositiveIntegerField(default=1, help_text="Of all variants together.")
    requests = models.PositiveBigIntegerField(default=0, help_text="Within the 24 hours before `traffic_at`.")
    errors = models.PositiveBigIntegerField(default=0, help_text="Those of them that were refused or failed.")
    latency_p50 = models.FloatField(null=True, blank=True, help_text="Milliseconds, of the last hour with requests.")
    latency_p95 = models.FloatField(null=True, blank=True, help_text="Milliseconds, of the last hour with requests.")
    hours = models.JSONField(default=list, help_text="Requests of each of these 24 hours, oldest first.")
    error_hours = models.JSONField(default=list, help_text="Those of each hour that were refused or failed.")
    last_request = models.DateTimeField(null=True, blank=True, help_text="To five minutes; empty when none is known.")
    traffic_at = models.DateTimeField(null=True, blank=True, help_text="When CloudWatch was asked; empty until then.")
    old_configs = models.JSONField(default=list, help_text="Configurations that it had before; they go with it.")
    masked_columns = models.JSONField(default=list, help_text="Columns that data capture masks, by name.")
    drift = models.JSONField(default=dict, help_text="models_app.endpoints.drift.measure; {} until it is measured")
    load_test = models.JSONField(default=dict, help_text="The last one (models_app.endpoints.load_test); {} if none.")
    last_synced = models.DateTimeField(
        null=True, blank=True, db_column="seen", help_text="When SageMaker last listed or described it."
    )

    IDLE = timedelta(days=3)

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["-created", "-id"]), models.Index(fields=["status", "-created", "-id"])]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def idle(cls, at: datetime) -> Q:
        """Endpoints in service without a request for IDLE before `at`, by the stored traffic figures."""
        since = (at - cls.IDLE).replace(second=0, microsecond=0)  # so that a count of them is kept for a moment
        unused = Q(last_request__lt=since) | Q(last_request=None)
        return unused & Q(status=cls.Status.IN_SERVICE, status_since__lt=since, traffic_at__isnull=False)
