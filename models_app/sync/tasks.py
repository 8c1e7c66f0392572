"""Polls SageMaker and repeats overdue steps."""

import logging

from celery import shared_task

from models_app import aws, sync
from models_app.data import scans
from models_app.models import Endpoint, TrainingJob
from models_app.sync.reconcile import repeat_overdue
from models_app.work import locks
from models_app.work.tasks import with_row_once

log = logging.getLogger(__name__)


@shared_task
def follow_job(job_id: int) -> None:
    """Bring a job's row up to what SageMaker says, unless another worker does so now."""
    with_row_once(TrainingJob, job_id, sync.follow_job)


@shared_task
def follow_endpoint(endpoint_id: int) -> None:
    """Bring an endpoint's row up to what SageMaker says, unless another worker does so now."""
    with_row_once(Endpoint, endpoint_id, sync.follow_endpoint)


@shared_task
def poll() -> None:
    """Look at everything unfinished. A poll that overlaps another ends at once, or both would ask."""
    if not sync.unfinished():
        return
    with locks.held("poll") as acquired:
        if acquired:
            _sweep(1)


@shared_task
def reconcile() -> None:
    """Repeat every step that is overdue, and find what other clients created."""
    repeat_overdue()
    scans.sweep()
    with locks.held("reconcile") as acquired:
        if acquired:
            _sweep(sync.MOST_PAGES)


def _sweep(pages: int) -> None:
    try:
        sync.sweep(pages)
    except aws.Unavailable as e:
        log.warning("SageMaker could not be listed: %s", e.message)
