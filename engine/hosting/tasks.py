"""Celery's door to hosting."""

from celery import shared_task
from celery.signals import celeryd_after_setup

from common.db.queue import queue_of
from engine.hosting.claims import DEPLOYMENT
from engine.hosting.deploy import remove
from engine.serving import health_check


@celeryd_after_setup.connect(weak=False)
def _become_host(instance, **_) -> None:
    """Have health checks start warm, if this worker is one that deploys, before its processes are forked."""
    if queue_of(DEPLOYMENT.task) in instance.app.amqp.queues.consume_from:
        health_check.warm_up()


@shared_task
def deploy(pk: int) -> None:
    """Take the endpoint to where it rests: roll out, reweigh, roll back or remove it."""
    remove(pk)
    DEPLOYMENT.perform(pk)
