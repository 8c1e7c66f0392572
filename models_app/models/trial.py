"""A trial of people's own code on a few rows, before a model is made of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from models_app.models.message_field import MessagesField


class Trial(models.Model):
    """One short training job of one Create model form. `result` is empty while it runs."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    intent = models.UUIDField(default=uuid.uuid4, db_index=True, help_text="The form's own key")
    job_name = models.CharField(max_length=63, unique=True)
    digest = models.CharField(max_length=64, help_text="sha256 of the code, the hyperparameters and the data tried")
    created = models.DateTimeField(default=now)
    ended = models.DateTimeField(null=True, blank=True)
    result = MessagesField(default=dict, help_text="what jobs.code.trial.read_result gives")

    stage = ""  # SageMaker's SecondaryStatus when it was last asked

    class Meta:
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.job_name
