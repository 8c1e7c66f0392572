"""Tags of any resource, by ARN."""

from django.db import models


class Tag(models.Model):
    """One key and value on one ARN."""

    arn = models.CharField(max_length=256)
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["arn", "key"], name="tag_key")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
