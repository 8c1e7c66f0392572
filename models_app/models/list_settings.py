"""A person's settings of a list: the columns of a view, and saved views."""

from django.conf import settings
from django.db import models


class ListChoice(models.Model):
    """A person's columns in one view of one list, and how many rows a page has there."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    of = models.CharField(max_length=20)
    view = models.CharField(max_length=20)
    columns = models.JSONField(default=list, help_text="[key of a column] in their order; [] for those of the list")
    size = models.PositiveSmallIntegerField(default=0, help_text="Rows on a page; 0 for those of the list.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "of", "view"], name="one_choice_a_view")]

    def __str__(self) -> str:
        return f"{self.of} {self.view}"


class SavedView(models.Model):
    """A filter, a sort and columns by name. It is its owner's; an administrator may share it with everybody."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    of = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, help_text="What the address says after the question mark.")
    shared = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "of", "name"], name="one_saved_view_a_name")]

    def __str__(self) -> str:
        return self.name
