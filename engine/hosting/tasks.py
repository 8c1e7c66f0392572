"""Celery's door to hosting."""

from celery import shared_task

from engine.hosting.deploy import step


@shared_task
def deploy(pk: int) -> None:
    """Take the endpoint one step: roll out, reweigh, roll back or remove it."""
    step(pk)
