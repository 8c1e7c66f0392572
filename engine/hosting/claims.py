"""Claims on endpoints that change: one worker at a time has one, says so every few seconds, and alone may move it."""

import os
import socket
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import now

from common.nudge import nudge
from engine.hosting import queue
from engine.models import Endpoint

HEARTBEAT = 2  # seconds between two signs of life
STALE = timedelta(seconds=15)  # a claim not heard of for longer is nobody's
SETTLED = timedelta(seconds=3)  # an endpoint asked for more recently has its nudge on the way
Status = Endpoint.Status
CHANGING = (Status.CREATING, Status.UPDATING, Status.ROLLING_BACK)
# The database's own clock is what heartbeats are written and judged by: machines need not agree on the time.
_FREE = Q(owner="") | Q(heartbeat__lt=Now() - STALE) | Q(heartbeat=None)


class ClaimLost(Exception):
    """Another worker has the endpoint now, or its row is gone: leave everything as it is."""


def take(pk: int) -> Endpoint | None:
    """The endpoint, claimed for us; None if somebody else has it or it waits for nothing."""
    owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    free = Endpoint.objects.filter(_FREE, pk=pk, status__in=CHANGING)
    if not free.update(owner=owner, attempt=F("attempt") + 1, heartbeat=Now()):
        return None
    return Endpoint.objects.filter(pk=pk, owner=owner).first()


def beat(endpoint: Endpoint) -> None:
    """Say that the endpoint is in hand. Raises ClaimLost."""
    if not Endpoint.objects.filter(pk=endpoint.pk, owner=endpoint.owner).update(heartbeat=Now()):
        raise ClaimLost(f"{endpoint} is no longer {endpoint.owner}'s")


def release(endpoint: Endpoint) -> None:
    """Give the endpoint back as it is; it will be tried again."""
    Endpoint.objects.filter(pk=endpoint.pk, owner=endpoint.owner).update(owner="", heartbeat=None)


def move(endpoint: Endpoint, status: str, **also) -> None:
    """Move a claimed endpoint, and tell the gateways to forget their route to it. Raises ClaimLost."""
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().filter(pk=endpoint.pk, owner=endpoint.owner).first()
        if row is None or not row.move_to(status, modified=now(), **also):
            raise ClaimLost(f"{endpoint} is no longer {endpoint.owner}'s")
        nudge(route_topic(row))


def route_topic(endpoint: Endpoint) -> str:
    """The nudge on which gateways drop what they remember of an endpoint."""
    return f"engine:endpoint:{endpoint.region}:{endpoint.name}"


def nudge_waiting() -> int:
    """Nudge the workers about endpoints nobody has in hand, or whose worker is lost; how many there are.

    A worker that finds the claim taken leaves at once, so one nudge too many costs nothing.
    """
    waiting = Endpoint.objects.filter(Q(_FREE, status__in=CHANGING) | Q(status=Status.DELETING))
    due = list(waiting.filter(modified__lt=now() - SETTLED).values_list("pk", flat=True))
    for pk in due:
        queue.nudge(pk)
    return len(due)
