"""What pages say of a tuning job: words, tone, the best so far. Reads the row; asks nothing."""

from __future__ import annotations

from itertools import accumulate

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.models.presenters import TONES, FollowedPresenter
from models_app.text.failures import Failure, explain


class TuningPresenter(FollowedPresenter):
    """How a tuning job looks."""

    FOLLOWED = ("InProgress", "Stopping")

    @property
    def status_word(self) -> str:
        """The status in a person's words."""
        return "Stopping" if self.stop_requested and not self.is_final else self.get_status_display()

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
            return _(self.preparing.get("step") or gettext_noop("Preparing the data")) + share
        if self.status == "Launching":
            return _("Asking SageMaker")
        return self.failure.headline if self.failure else ""

    @property
    def failure(self) -> Failure | None:
        """The explained failure; None unless it failed."""
        return explain(self.failure_reason) if self.status == "Failed" else None

    @property
    def values(self) -> list[tuple[int, float]]:
        """(number of the try, its value) of those that have one, oldest first; tries count from 1."""
        return [(number, t["value"]) for number, t in enumerate(self.trials, 1) if t["value"] is not None]

    @property
    def best_so_far(self) -> list[tuple[int, float]]:
        """(number of the try, the best value until then)."""
        best = accumulate((value for _number, value in self.values), min if self.goal == "min" else max)
        return [(number, value) for (number, _own), value in zip(self.values, best, strict=True)]

    @property
    def running(self) -> int:
        """Tries that run."""
        return sum(trial["status"] in ("InProgress", "Stopping") for trial in self.trials)

    @property
    def failed(self) -> int:
        """Tries that failed."""
        return sum(trial["status"] == "Failed" for trial in self.trials)

    @property
    def tries_pct(self) -> float:
        """Percentage of the tries that have ended."""
        return min(100.0, 100 * self.tries / self.limit) if self.limit else 0.0

    @property
    def best_names(self) -> list[str]:
        """The training jobs with the best values, best first."""
        done = [t for t in self.trials if t["value"] is not None]
        done.sort(key=lambda t: t["value"], reverse=self.goal != "min")
        return [trial["name"] for trial in done]
