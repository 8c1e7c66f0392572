"""Asks for a task that follows from a change, once that is committed. A schedule repeats a lost message."""

import logging

from celery import current_app
from django.db import transaction

from common.db.redis_client import redis

EXPIRES = 30.0  # seconds after which the message is void; the schedule has sent another by then
log = logging.getLogger(__name__)


def send_after_commit(task: str, *arguments: object) -> None:
    """Send the task by its name when the current transaction is committed. Never raises for a broker that is away."""
    transaction.on_commit(lambda: _send(task, arguments))


def _send(task: str, arguments: tuple) -> None:
    try:
        redis().ping()  # so that nobody waits for a broker that hangs
        current_app.send_task(task, arguments, retry=False, expires=EXPIRES)
    except Exception as e:  # whatever the broker's client raises, the schedule asks again
        log.warning("could not send %s%s: %s", task, arguments, e)
