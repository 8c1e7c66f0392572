"""Notifications, their deliveries, and each person's choices."""

import secrets
import uuid
from base64 import b64encode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy

from common.db.claim import Claimable
from common.db.nudge import nudge
from common.db.person import Role
from common.db.status import StatusRow
from models_app.models.endpoint import Endpoint
from models_app.models.job import TrainingJob
from models_app.models.message_field import MessageField
from models_app.models.model import Model
from models_app.models.transform_job import TransformJob
from models_app.models.tuning_job import TuningJob


class Kind(models.TextChoices):
    """The kind of a notification. The values are the `type` of a webhook's body."""

    JOB_FAILED = "job.failed", gettext_lazy("A job of mine fails")
    MODEL_READY = "model.ready", gettext_lazy("A model of mine is trained, and is not deployed by itself")
    MODEL_DEPLOYED = "model.deployed", gettext_lazy("A model of mine is deployed")
    ENDPOINT_FAILED = "endpoint.failed", gettext_lazy("An endpoint of mine fails or rolls back")
    ENDPOINT_IDLE = "endpoint.idle_stopped", gettext_lazy("An endpoint of mine is stopped when idle")
    TUNING_DONE = "tuning.completed", gettext_lazy("A tuning job of mine is done")
    BATCH_DONE = "batch.completed", gettext_lazy("A batch prediction of mine is done")
    LIMIT = "job.limit_reached", gettext_lazy("A job of mine is stopped at its time limit")
    BUDGET = "budget.reached", gettext_lazy("The month has cost 80 and 100% of the budget")
    TEST = "test", gettext_lazy("A test")


class Channel(models.TextChoices):
    """The channel of a notification."""

    BELL = "bell", gettext_lazy("In the bell")
    EMAIL = "email", gettext_lazy("E-mail")
    WEBHOOK = "webhook", gettext_lazy("Webhook")


ADMINISTRATORS_KINDS = (Kind.BUDGET,)  # that nobody else gets


def chosen_kinds(role: str) -> list[Kind]:
    """The kinds whose channels a person of `role` chooses."""
    is_administrator = role == Role.ADMINISTRATOR
    return [kind for kind in Kind if kind != Kind.TEST and (is_administrator or kind not in ADMINISTRATORS_KINDS)]


class NotificationChoices(models.Model):
    """One person's choice of kinds and channels. A person without a row has the defaults."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_choices")
    channels = models.JSONField(default=dict, help_text="{kind: [channel]}; a kind that is not named has all channels")
    everybodys = models.BooleanField(
        default=False, help_text="An administrator's wish to be told of everybody's things"
    )
    language = models.CharField(max_length=8, blank=True, help_text="of e-mail and webhooks: the last that was chosen")
    webhook_url = models.CharField(max_length=500, blank=True)
    webhook_secret = models.CharField(max_length=80, blank=True, editable=False, help_text="whsec_ and base64")

    def __str__(self) -> str:
        return f"choices of user {self.user_id}"

    @classmethod
    def of(cls, user) -> "NotificationChoices":
        """The choices of `user`, unsaved where there are none yet."""
        return getattr(user, "notification_choices", None) or cls(user=user)

    def wants(self, kind: str, channel: str) -> bool:
        """True if notifications of this kind go to this channel once it is set up."""
        return channel in self.channels.get(kind, Channel.values)

    def renew_secret(self) -> str:
        """A new secret for the webhook's signatures, as the Standard Webhooks write one. The row is not saved."""
        self.webhook_secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
        return self.webhook_secret


class Notification(models.Model):
    """One event for one person; `event` is the key that makes it unique."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    event = models.CharField(max_length=120, help_text='such as "job-12-Failed"')
    kind = models.CharField(max_length=32, choices=Kind)
    name = models.CharField(max_length=63, help_text="of the thing that it is about")
    detail = MessageField(blank=True)
    job = models.ForeignKey(TrainingJob, models.SET_NULL, null=True, blank=True, related_name="+")
    model = models.ForeignKey(Model, models.SET_NULL, null=True, blank=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.SET_NULL, null=True, blank=True, related_name="+")
    tuning = models.ForeignKey(TuningJob, models.SET_NULL, null=True, blank=True, related_name="+")
    transform = models.ForeignKey(TransformJob, models.SET_NULL, null=True, blank=True, related_name="+")
    of_another = models.BooleanField(default=False, help_text="The thing is not the person's own.")
    in_bell = models.BooleanField(default=True)
    at = models.DateTimeField(default=now)
    read = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="one_note_an_event")]
        indexes = [
            models.Index(fields=["user", "-id"]),
            models.Index(fields=["user"], condition=Q(read=None, in_bell=True), name="unread_notes"),
            models.Index(fields=["at"]),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.name}"

    def changed(self) -> None:
        """Nudge the bell of the person's pages."""
        nudge(f"notes-{self.user_id}")


class Delivery(Claimable, StatusRow):
    """The sending of one notification on one channel outside of the console."""

    class Status(models.TextChoices):
        QUEUED = "Queued", "Queued"
        SENT = "Sent", "Sent"
        FAILED = "Failed", "Failed"

    MOVES = {Status.QUEUED: (Status.SENT, Status.FAILED)}
    DUE = Q(status=Status.QUEUED, due__lte=Now())

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=12, choices=Channel)
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    uuid = models.UUIDField(default=uuid.uuid4, help_text="The same in every try, so that a receiver knows doubles.")
    created = models.DateTimeField(default=now)
    due = models.DateTimeField(default=now, help_text="When it is tried next.")
    problem = MessageField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_a_channel")]
        indexes = [models.Index(fields=["worker"]), models.Index(fields=["status", "due"])]

    def __str__(self) -> str:
        return f"{self.channel} of notification {self.notification_id}"  # no query: worker threads log it
