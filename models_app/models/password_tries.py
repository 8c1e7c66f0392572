"""Wrong passwords, counted for each account and place they came from."""

from django.db import models


class PasswordTries(models.Model):
    """How often a password was tried since `since`, and until when the next try has to wait."""

    place_sha256 = models.CharField(max_length=64, unique=True, help_text="What is tried, for whom and from where.")
    count = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    paused_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.place_sha256[:8]}: {self.count}"
