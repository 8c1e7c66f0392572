"""A link by which one person chooses a password, once."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Invitation(models.Model):
    """The open link of one user. Only the hash of its secret is stored; used or replaced links have no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitation")
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(default=now)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user}, until {self.expires:%Y-%m-%d %H:%M}"

    @property
    def is_expired(self) -> bool:
        """True if its link no longer works."""
        return self.expires <= now()
