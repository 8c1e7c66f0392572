"""Celery's door to hyperparameter tuning."""

from celery import shared_task

from common.db.followup import send_after_commit
from engine.models import HyperParameterTuningJob
from engine.tuning.step import Status, step

TASK = "engine.tuning.tasks.take_step"


@shared_task(name=TASK)
def take_step(pk: int) -> None:
    """Do what is due for one tuning job."""
    step(pk)


def send(pk: int) -> None:
    """Ask a worker for the next step of a tuning job, once the current transaction is committed."""
    send_after_commit(TASK, pk)


def send_all() -> None:
    """Ask for the next step of every tuning job that has not ended."""
    live = HyperParameterTuningJob.objects.filter(status__in=(Status.IN_PROGRESS, Status.STOPPING))
    for pk in list(live.values_list("pk", flat=True)):
        send(pk)
