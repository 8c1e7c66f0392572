"""Celery's door to batch transform; the trainers do it."""

from celery import shared_task

from common.db import shutdown
from engine.transform.work import TRANSFORM


@shared_task(acks_late=True)
def run(job_pk: int) -> None:
    """Claim and run a transform job. Losing the claim to another worker is no error: messages may come twice."""
    if shutdown.requested():
        TRANSFORM.send(job_pk)
        return
    TRANSFORM.perform(job_pk)
