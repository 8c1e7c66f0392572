"""Celery's door to hosting."""

from celery import shared_task

from engine.hosting.claims import DEPLOYMENT
from engine.hosting.deploy import remove


@shared_task
def deploy(pk: int) -> None:
    """Take the endpoint to where it rests: roll out, reweigh, roll back or remove it."""
    remove(pk)
    DEPLOYMENT.perform(pk)
