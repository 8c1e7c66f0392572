"""Nudges the hosting workers. The row is the truth: a lost nudge costs only the seconds to the next reconcile."""

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)
TASK = "engine.hosting.tasks.deploy"


def hurry(pk: int) -> None:
    """Ask for the endpoint's next step as soon as the current transaction is committed."""
    transaction.on_commit(lambda: nudge(pk))


def nudge(pk: int) -> None:
    """Ask for the endpoint's next step now."""
    try:
        current_app.send_task(TASK, (pk,))
    except Exception as e:  # whatever the broker's client raises, the row is there and will be found
        log.warning("could not nudge hosting about endpoint %s: %s", pk, e)
