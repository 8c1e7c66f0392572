"""What the presenters of jobs, endpoints and models share: tones, stages, silence. Reads the row; asks nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext_noop

SILENCE = timedelta(seconds=max(60, 5 * settings.POLL_SECONDS))  # every row that moves is listed each 15 s at least
DONE, NOW, FAIL, STOP, WAIT = "done", "now", "fail", "stop", "wait"
# The icon and colour of each word a person may read as a status.
TONES = {
    gettext_noop("Draft"): "wait",
    gettext_noop("Queued"): "wait",
    gettext_noop("Training"): "run",
    gettext_noop("Evaluating"): "run",
    gettext_noop("Deploying"): "run",
    gettext_noop("Predicting"): "run",
    gettext_noop("Tuning"): "run",
    gettext_noop("Ready"): "ok",
    gettext_noop("Completed"): "ok",
    gettext_noop("Deployed"): "ok",
    gettext_noop("Stopping"): "run",
    gettext_noop("Stopped"): "stop",
    gettext_noop("Failed"): "err",
    gettext_noop("Creating"): "run",
    gettext_noop("Starting"): "run",
    gettext_noop("In service"): "ok",
    gettext_noop("Updating"): "run",
    gettext_noop("Rolling back"): "warn",
    gettext_noop("Deleting"): "run",
}


class Metric(NamedTuple):
    """The figure a model is judged by; `goal` is "max" or "min". `best_round` is 0 for one told only at the end."""

    name: str
    value: float
    goal: str
    best: float
    best_round: int


class Presenter:
    """What a row's appearance is mixed into; the row brings the fields."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class FollowedPresenter(Presenter):
    """How a row looks that SageMaker moves: a job, an endpoint. `FOLLOWED` are the statuses that do not last."""

    FOLLOWED: tuple[str, ...]

    @property
    def silent_since(self) -> datetime | None:
        """When SageMaker last told of it, if it is to move and that is too long ago; None while it is followed."""
        if self.status not in self.FOLLOWED:
            return None
        last = max(self.last_synced or self.status_since, self.status_since)
        return last if now() - last > SILENCE else None
