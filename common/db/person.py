"""What both halves know of a person beyond Django's user: a role, and whether the password is their own."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy


class Role(models.TextChoices):
    """What a person may do; `common.permissions` has the actions of each role."""

    VIEWER = "viewer", gettext_lazy("Viewer")
    EDITOR = "editor", gettext_lazy("Editor")
    ADMINISTRATOR = "administrator", gettext_lazy("Administrator")


class Person(models.Model):
    """One per user. Without one a user is a viewer."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="person")
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    one_time_password = models.BooleanField(
        default=False, help_text="Must choose a password of their own before anything else."
    )

    class Meta:
        app_label = "models_app"  # the console creates and migrates the table; the engine reads roles from it

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


def role_of(user) -> str:
    """The role of `user`; superusers are administrators, a user whom nobody gave a role is a viewer."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    person = getattr(user, "person", None)
    return person.role if person else Role.VIEWER
