"""Nudges the trainers about jobs that wait, without filling their queue with the same job over and over."""

import logging
from datetime import timedelta

from celery import current_app
from django.core.cache import cache
from django.utils.timezone import now

from engine.models import TrainingJob

QUEUE = "training"
TASK = "engine.training.tasks.run"  # by name: the task imports the runner, which nudges
SETTLED = timedelta(seconds=4)  # a job younger than this has had its nudge a moment ago
AGAIN = 30  # seconds before the same job may be nudged again
log = logging.getLogger(__name__)


def nudge_waiting() -> int:
    """Nudge jobs nobody has claimed and whose message may be lost; how many.

    While the queue holds as many messages as jobs wait, the trainers are only busy: a job waiting its turn is normal.
    """
    waiting = TrainingJob.objects.filter(owner="", status=TrainingJob.Status.IN_PROGRESS, modified__lt=now() - SETTLED)
    jobs = list(waiting.order_by("created", "id").values_list("pk", flat=True))
    if not jobs:
        return 0
    try:
        missing = max(len(jobs) - _queued(), 0)
        lost = [pk for pk in jobs if missing and not cache.get(_key(pk))][:missing]
        return sum(nudge(pk) for pk in lost)
    except Exception as e:  # the broker is away; the next round comes in seconds
        log.warning("could not nudge the trainers: %s", e)
        return 0


def nudge(pk: int) -> bool:
    """Tell the trainers that this job waits; False if they could not be told now."""
    try:
        current_app.send_task(TASK, (pk,))
        cache.set(_key(pk), 1, AGAIN)
    except Exception as e:  # a nudge is only a hurry: reconcile repairs a lost one
        log.warning("could not nudge the trainers about job %s: %s", pk, e)
        return False
    return True


def _key(pk: int) -> str:
    return f"engine:training-nudged:{pk}"


def _queued() -> int:
    with current_app.connection_for_read() as connection:
        # Not `passive`: kombu asks Redis for the queue without its key prefix then, and never finds it.
        return connection.default_channel.queue_declare(QUEUE, durable=True).message_count
