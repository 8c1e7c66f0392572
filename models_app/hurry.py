"""Asks a worker to take the next step sooner. The step is due by its row; a lost message only costs seconds."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def hurry(task: str, *args, expires: float | None = None) -> None:
    """Send `models_app.tasks.<task>` once the current transaction is committed. A dead broker is no reason to fail."""
    transaction.on_commit(lambda: _send(task, args, expires))


def _send(task: str, args: tuple, expires: float | None) -> None:
    try:
        current_app.send_task(f"models_app.tasks.{task}", args, expires=expires, retry=False)
    except (OperationalError, OSError) as e:
        log.warning("could not hurry %s%s; reconcile will: %s", task, args, e)
