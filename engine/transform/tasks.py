"""Celery's door to batch transform; the trainers do it."""

from celery import shared_task

from engine.transform.work import TRANSFORM


@shared_task(acks_late=True)
def run(job_pk: int) -> None:
    """Claim and run a transform job. Losing the claim to another worker is no error: messages may come twice."""
    TRANSFORM.perform(job_pk)
