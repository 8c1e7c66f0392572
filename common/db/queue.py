"""Sends again what waits and whose message may be lost, without filling a queue with the same rows over and over."""

import logging
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db.models import Q
from django.utils.timezone import now

from common.db.work import Work

GRACE = timedelta(seconds=4)  # a row that waits for less had its message a moment ago
log = logging.getLogger(__name__)


def repeat(*kinds: Work[Any]) -> None:
    """Do for all rows of `kinds` what a dead worker or a lost message left undone. Repeatable at any time."""
    for kind in kinds:
        kind.release_stale()
    for name in dict.fromkeys(queue_of(kind.task) for kind in kinds):
        resend(*(kind for kind in kinds if queue_of(kind.task) == name))


def resend(*kinds: Work[Any]) -> int:
    """Send the rows of `kinds`, which share a queue, that wait and may have no message; how many were sent.

    While the queue holds as many messages as rows wait, its workers are only busy: a row waiting its turn is normal.
    """
    rows = [(kind, pk) for kind in kinds for pk in _waiting(kind)]
    if not rows:
        return 0
    try:
        missing = max(len(rows) - message_count(queue_of(kinds[0].task)), 0)
        lost = [(kind, pk) for kind, pk in rows if missing and not kind.was_sent(pk)][:missing]
        sent = [(kind, pk) for kind, pk in lost if kind.send(pk)]
        for kind, pk in sent:
            kind.mark_sent(pk)
    except Exception as e:  # the broker is away; the next round comes in seconds
        log.warning("could not look after waiting rows: %s", e)
        return 0
    return len(sent)


def queue_of(task: str) -> str:
    """The name of the queue that the routes send `task` to."""
    return current_app.amqp.router.route({}, task)["queue"].name


def message_count(queue: str) -> int:
    """How many messages wait in `queue`."""
    with current_app.connection_for_read() as connection:
        # Not `passive`: kombu asks Redis for the queue without its key prefix then, and never finds it.
        return connection.default_channel.queue_declare(queue, durable=True).message_count


def _waiting(kind: Work[Any]) -> list[int]:
    rows = kind.model._default_manager.filter(kind.waiting, Q(worker=""), status_since__lt=now() - GRACE)
    return list(rows.order_by("status_since", "pk").values_list("pk", flat=True))
