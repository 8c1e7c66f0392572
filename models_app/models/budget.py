"""What the installation may cost a month, and what was said of it this month."""

from django.core.validators import MinValueValidator
from django.db import models


class Budget(models.Model):
    """The monthly budget, of which there is one at most: key 1.

    `warned_month` and `warned_share` are the last warning that went out, so that none does twice, however long
    notifications are kept.
    """

    KEY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=KEY, editable=False)
    usd = models.FloatField(validators=[MinValueValidator(0.01)])
    warned_month = models.CharField(max_length=7, blank=True, editable=False, help_text='such as "2026-12"')
    warned_share = models.PositiveSmallIntegerField(default=0, editable=False, help_text="In percent of `usd`.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_budget")]

    def __str__(self) -> str:
        return f"${self.usd:,.2f} a month"
