"""The abstract row of a resource whose changes of state are events, as EventBridge has them."""

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from common.db.status import StatusRow
from engine import event_queue
from engine.models.resource import Resource


class EventSource(StatusRow, Resource):
    """A resource that sends an event when it is made and with each move. Its members have AWS's names."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; a new one is announced."""
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            self.announce()

    def moved(self, was: str, became: str, at: datetime) -> None:
        """Announce the move."""
        super().moved(was, became, at)
        self.announce()

    def announce(self) -> None:
        """Send an event with the row's state as it is once the transaction has ended."""
        transaction.on_commit(self._send_event, robust=True)

    @property
    def event_status(self) -> str:
        """The status as events spell it."""
        return self.status

    def _send_event(self) -> None:
        row = type(self)._default_manager.filter(pk=self.pk).first()
        if row is None:
            return
        kind = type(row).__name__
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).replace("Hyper Parameter", "HyperParameter")
        event_queue.send(f"SageMaker {words} State Change", row.region, row.arn, _detail(row, kind), row.modified)


def _detail(row: EventSource, kind: str) -> dict[str, Any]:
    """What the Describe operation says of the state; times in epoch milliseconds, as in EventBridge's events."""
    detail: dict[str, Any] = {
        f"{kind}Name": row.name,
        f"{kind}Arn": row.arn,
        f"{kind}Status": row.event_status,
        "CreationTime": _milliseconds(row.created),
        "LastModifiedTime": _milliseconds(row.modified),
    }
    for field, member in (("secondary_status", "SecondaryStatus"), ("failure_reason", "FailureReason")):
        if value := getattr(row, field, ""):
            detail[member] = value
    return detail


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
