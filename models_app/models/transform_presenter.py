"""What pages say of a transform job: words, tone, time, cost. Reads the row; asks nothing."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.s3_uri import split_s3_uri
from jobs import instances
from models_app.models.presenters import TONES, FollowedPresenter
from models_app.text.failures import Failure, explain


class TransformPresenter(FollowedPresenter):
    """How a transform job looks."""

    FOLLOWED = ("InProgress", "Stopping")

    @property
    def status_word(self) -> str:
        """The status in a person's words."""
        if self.stop_requested and not self.is_final:
            return "Stopping"
        return self.get_status_display()

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return TONES.get(self.status_word, "info")

    @property
    def status_note(self) -> str:
        """What it is at or waits for, in a few words."""
        if self.note:
            return self.note
        if self.status == "Created":
            total = self.preparing.get("total") or 0
            share = f" {100 * self.preparing.get('done', 0) / total:.0f} %" if total else ""
            return _("Reading the table") + share
        if self.status == "Launching":
            return _("Asking SageMaker")
        if self.status == "Collecting":
            return _("Writing the result")
        return self.failure.headline if self.failure else ""

    @property
    def failure(self) -> Failure | None:
        """The explained failure; None unless it failed."""
        return explain(self.failure_reason) if self.status == "Failed" else None

    @property
    def failed_rows(self) -> int | None:
        """Rows without an answer because they cannot be read as the model takes them; None while not known."""
        return None if self.rows is None or self.sent is None else self.rows - self.sent

    @property
    def output_folder(self) -> str:
        """The folder in its bucket that the output is in, with a slash at its end."""
        address = split_s3_uri(self.output_uri)
        return address.folder if self.result else f"{address.key.rstrip('/')}/"

    @property
    def seconds(self) -> float | None:
        """How long SageMaker has worked on it."""
        started: datetime | None = self.started
        return ((self.ended or now()) - started).total_seconds() if started else None

    @property
    def cost(self) -> float | None:
        """US dollars so far; None where the price is not known."""
        if settings.BACKEND == "engine":
            return None if self.seconds is None else 0.0
        return self.price

    @property
    def price(self) -> float | None:
        """Amazon's price so far in US dollars, wherever it runs; None when not known."""
        return None if self.seconds is None else instances.cost(self.instance_type, self.seconds)
