"""What pages say of an endpoint: words, tone, cost. Reads the row; asks nothing."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.timezone import now

from jobs import instances
from models_app.models.presenters import TONES, FollowedPresenter
from models_app.text.failures import Failure, explain


class EndpointPresenter(FollowedPresenter):
    """How an endpoint looks."""

    FOLLOWED = ("Creating", "Updating", "RollingBack")

    @property
    def status_word(self) -> str:
        """The status in a person's words."""
        return self.Status(self.status).label  # get_status_display builds a dictionary each time

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return TONES.get(self.status_word, "info")

    @property
    def status_note(self) -> str:
        """What goes on or went wrong, in a line."""
        if self.note:
            return self.note
        failure = self.failure
        return failure.headline if failure else ""

    @property
    def is_settled(self) -> bool:
        """Nothing is going on, so a page need not ask again."""
        return self.status in ("InService", "OutOfService", "Failed")

    @property
    def answers(self) -> bool:
        """It can be called: it goes on answering while it is updated."""
        return self.status in ("InService", "Updating", "RollingBack")

    @property
    def failure(self) -> Failure | None:
        """The explained failure; None unless it failed."""
        return explain(self.failure_reason) if self.status == "Failed" else None

    @property
    def day_cost(self) -> float | None:
        """US dollars a day while it is in service."""
        return instances.cost(self.instance_type, 86400, self.instances, free=settings.BACKEND == "engine")

    @property
    def day_price(self) -> float | None:
        """Amazon's price for a day of it, in US dollars, wherever it runs; None when not known."""
        return instances.cost(self.instance_type, 86400, self.instances)

    @property
    def price_so_far(self) -> float | None:
        """Amazon's price for the time since it was created, in US dollars."""
        days = (now() - self.created).total_seconds() / 86400
        return self.day_price * days if self.day_price is not None and self.answers else None

    @property
    def idle_since(self) -> datetime | None:
        """When it was last called, or came into service if nobody called it since; None while that is not known."""
        if self.traffic_at is None or self.status != "InService":
            return None
        return max(self.last_request or self.status_since, self.status_since)

    @property
    def is_idle(self) -> bool:
        """In service, and without a request for so long that it is to be looked at; as `Endpoint.idle` finds it."""
        since = self.idle_since
        return since is not None and now() - since >= self.IDLE

    @property
    def error_share(self) -> float:
        """Percentage of the requests of 24 hours that were refused or failed."""
        return 100 * self.errors / self.requests if self.requests else 0.0
