"""What pages say of an endpoint: words, tone, cost. Reads the row; asks nothing."""

from __future__ import annotations

from django.conf import settings

from jobs import instances
from models_app.models.presenters import TONES, FollowedPresenter
from models_app.text.failures import Failure, explain


class EndpointPresenter(FollowedPresenter):
    """How an endpoint looks."""

    FOLLOWED = ("Creating", "Updating", "RollingBack")

    @property
    def status_word(self) -> str:
        return self.get_status_display()

    @property
    def tone(self) -> str:
        return TONES.get(self.status_word, "info")

    @property
    def status_note(self) -> str:
        return self.note if self.note else self.failure.headline if self.failure else ""

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
        return explain(self.failure_reason) if self.status == "Failed" else None

    @property
    def day_cost(self) -> float | None:
        """US dollars a day while it is in service."""
        return instances.cost(self.instance_type, 86400, free=settings.BACKEND == "engine")
