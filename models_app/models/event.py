"""What happened and when: the timeline of a job of any kind or an endpoint."""

from django.db import models
from django.utils.timezone import now

from models_app.models.message_field import MessageField


class Event(models.Model):
    """A move between two statuses, or a word on something worth knowing (`text`)."""

    job = models.ForeignKey("TrainingJob", models.CASCADE, null=True, blank=True, related_name="events")
    endpoint = models.ForeignKey("Endpoint", models.CASCADE, null=True, blank=True, related_name="events")
    transform = models.ForeignKey("TransformJob", models.CASCADE, null=True, blank=True, related_name="events")
    tuning = models.ForeignKey("TuningJob", models.CASCADE, null=True, blank=True, related_name="events")
    was = models.CharField(max_length=20, blank=True)
    became = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(default=now)
    text = MessageField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.text or f"{self.was} -> {self.became}"
