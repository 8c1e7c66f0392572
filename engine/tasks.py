"""The engine's background work: lets Celery find every task of the engine, and repairs what was lost."""

from celery import shared_task
from django.utils.timezone import now

from common.db import queue
from engine.hosting.claims import DEPLOYMENT
from engine.hosting.tasks import deploy
from engine.models import Endpoint
from engine.retention.run import run as run_retention
from engine.s3 import expiry
from engine.training.shares import SHARES
from engine.training.tasks import run, run_share
from engine.training.work import TRAINING
from engine.transform.tasks import run as run_transform
from engine.transform.work import TRANSFORM
from engine.tuning import tasks as tuning

__all__ = [
    "deploy",
    "expire_objects",
    "expire_telemetry",
    "reconcile",
    "run",
    "run_share",
    "run_transform",
    "tuning",
]


@shared_task
def reconcile() -> None:
    """Do for every unfinished row what a lost message or a dead worker left undone. Repeatable at any time."""
    TRAINING.stop_all_unclaimed()
    TRANSFORM.stop_all_unclaimed()
    for pk in Endpoint.objects.filter(status=Endpoint.Status.DELETING).values_list("pk", flat=True):
        DEPLOYMENT.send(pk)
    tuning.send_all()
    SHARES.release_stale()  # nobody else is asked: their jobs are
    queue.repeat(DEPLOYMENT, TRAINING, TRANSFORM)


@shared_task
def expire_objects() -> None:
    """Delete what the lifecycle rules of buckets say has expired. Repeatable at any time."""
    expiry.expire()


@shared_task
def expire_telemetry() -> None:
    """Merge, archive and delete old log events and metric data, for a minute at most. Repeatable at any time."""
    run_retention(now())
