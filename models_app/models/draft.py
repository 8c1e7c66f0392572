"""What a person has begun and not finished: a Create model form, an upload."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Draft(models.Model):
    """A Create model form as it was left, found again by its owner; gone once its model is created."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    intent = models.UUIDField(unique=True, default=uuid.uuid4)
    fields = models.JSONField(default=dict, help_text="{name of a form control: text}")
    updated = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-updated"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What a person calls it: its name, or the data it is about."""
        return self.fields.get("name") or self.fields.get("data_uri", "").rstrip("/").rpartition("/")[2]


class Upload(models.Model):
    """A multipart upload from a browser; the parts are in S3, so it goes on after a reload or a restart."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    bucket = models.CharField(max_length=63)
    key = models.CharField(max_length=1024)
    upload_id = models.CharField(max_length=256)
    file = models.TextField(help_text="name, size and time of change, by which the browser knows it")
    size = models.BigIntegerField(help_text="bytes")
    part_size = models.PositiveIntegerField(help_text="bytes")
    created = models.DateTimeField(default=now)
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
