"""One notebook instance as the pages show it."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from common.notebook_tags import IDLE_TAG, MEASURED_PREFIX
from jobs import instances as types
from models_app.models.presenters import TONES

DEFAULT_GB = 5
WORDS = {
    "Pending": gettext_noop("Starting"),
    "InService": gettext_noop("In service"),
    "Stopping": gettext_noop("Stopping"),
    "Stopped": gettext_noop("Stopped"),
    "Failed": gettext_noop("Failed"),
    "Deleting": gettext_noop("Deleting"),
    "Updating": gettext_noop("Updating"),
    "PendingMaintenance": gettext_noop("In service"),
    "InMaintenance": gettext_noop("Updating"),
}
MOVING = ("Pending", "Stopping", "Deleting", "Updating")


@dataclass(frozen=True, eq=False)
class Notebook:
    """One notebook instance. `owner` is the person it acts as, None where that is not known."""

    name: str
    arn: str
    status: str
    instance_type: str
    created: datetime
    modified: datetime
    owner: Any = None
    tags: dict[str, str] = field(default_factory=dict)
    failure_reason: str = ""
    volume_gb: int = DEFAULT_GB
    lifecycle: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def owner_id(self) -> int | None:
        """The owner's key, as rows have it; None for an instance of another client."""
        return self.owner.pk if self.owner else None

    @property
    def status_word(self) -> str:
        """The status in a person's words."""
        return WORDS.get(self.status, self.status)

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return TONES.get(self.status_word, "info")

    @property
    def is_moving(self) -> bool:
        """Its status is to change by itself soon."""
        return self.status in MOVING

    @property
    def can_start(self) -> bool:
        """True if it is stopped or has failed."""
        return self.status in ("Stopped", "Failed")

    @property
    def size(self) -> types.Instance | None:
        """Processors and memory of its instance type; None for an unknown type."""
        return types.BY_NAME.get(self.instance_type)

    @property
    def hour_cost(self) -> float | None:
        """US dollars of an hour, on AWS, while it is in service."""
        return types.cost(self.instance_type, 3600, free=settings.BACKEND == "engine")

    @property
    def idle_minutes(self) -> int:
        """Minutes without activity after which it stops; 0 for never."""
        return self._number(IDLE_TAG)

    @property
    def stops_in(self) -> float | None:
        """Seconds until it stops by itself; None if it does not."""
        at = self._measured("stops-at")
        return max(0.0, at - time.time()) if at and self.status == "InService" else None

    @property
    def is_ending(self) -> bool:
        """It stops within five minutes."""
        return self.stops_in is not None and self.stops_in < 300

    @property
    def last_activity(self) -> datetime | None:
        """When something was last run or typed; None before it is known."""
        at = self._measured("last-activity")
        return datetime.fromtimestamp(at, UTC) if at else None

    @property
    def memory(self) -> int:
        """Bytes in use."""
        return self._measured("memory")

    @property
    def memory_limit(self) -> int:
        """Bytes that it may use; 0 before it is known."""
        return self._measured("memory-limit")

    @property
    def disk(self) -> int:
        """Bytes that its volume holds."""
        return self._measured("disk")

    @property
    def disk_part(self) -> float:
        """How full its volume is, in percent."""
        return min(100.0, 100 * self.disk / (self.volume_gb * 1000**3))

    def _measured(self, name: str) -> int:
        return self._number(MEASURED_PREFIX + name)

    def _number(self, tag: str) -> int:
        text = self.tags.get(tag, "")
        return int(text) if text.isdecimal() else 0  # anybody may tag: "²" is a digit and no number
