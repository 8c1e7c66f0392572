"""Asks a worker to take the next step now. The step is due by its row; a lost message only costs seconds."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from common.db.redis_client import redis

log = logging.getLogger(__name__)


def task_name(task: str) -> str:
    """Celery's name of `task`, which is "<room>.<name>"."""
    room, _, name = task.partition(".")
    return f"models_app.{room}.tasks.{name}"


def enqueue(task: str, *args, expires: float | None = None) -> None:
    """Send a task once the current transaction is committed. A dead broker is no reason to fail.

    `task` is as `task_name` takes it: "training.prepare_data".
    """
    transaction.on_commit(lambda: _send(task, args, expires))


def _send(task: str, args: tuple, expires: float | None) -> None:
    try:
        redis().ping()  # so that nobody waits for a broker that hangs longer than for one question
        current_app.send_task(task_name(task), args, expires=expires, retry=False)
    except (OperationalError, RedisError, OSError) as e:
        log.warning("could not send %s%s; reconcile will: %s", task, args, e)
