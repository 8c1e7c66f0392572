"""Polls SageMaker and repeats overdue steps."""

import logging

from celery import shared_task

from common.db import quiet
from models_app import aws, sync
from models_app.data import scans
from models_app.models import Endpoint, TrainingJob, TransformJob, TuningJob
from models_app.sync.reconcile import repeat_overdue
from models_app.work import locks
from models_app.work.tasks import with_row_once

log = logging.getLogger(__name__)


@shared_task
def follow_job(job_id: int) -> None:
    """Bring a job's row up to what SageMaker says."""
    _follow_job(job_id)


@shared_task
def follow_endpoint(endpoint_id: int) -> None:
    """Bring an endpoint's row up to what SageMaker says."""
    with_row_once(Endpoint, endpoint_id, sync.follow_endpoint)


@shared_task
def follow_transform(transform_id: int) -> None:
    """Bring a transform job's row up to what SageMaker says."""
    with_row_once(TransformJob, transform_id, sync.follow_transform)


@shared_task
def follow_tuning(tuning_id: int) -> None:
    """Bring a tuning job's row up to what SageMaker says."""
    with_row_once(TuningJob, tuning_id, sync.follow_tuning)


@shared_task
def follow_job_event(name: str) -> None:
    """Look at the training job that an event is about; find it, if it is new."""
    if pk := TrainingJob.objects.filter(name=name).values_list("pk", flat=True).first():
        _follow_job(pk)
    else:
        _sweep_alone(1)


@shared_task
def follow_endpoint_event(name: str) -> None:
    """Look at the endpoint that an event is about; find it, if it is new."""
    if pk := Endpoint.objects.filter(name=name).values_list("pk", flat=True).first():
        with_row_once(Endpoint, pk, sync.follow_endpoint)
    else:
        _sweep_alone(1)


@shared_task
def find_endpoint(name: str) -> None:
    """Find the endpoint that an event says is being created, if it is new."""
    if not Endpoint.objects.filter(name=name).exists():
        _sweep_alone(1)


@shared_task
def follow_transform_event(name: str) -> None:
    """Look at the transform job that an event is about; find it, if it is new."""
    if pk := TransformJob.objects.filter(name=name).values_list("pk", flat=True).first():
        with_row_once(TransformJob, pk, sync.follow_transform)
    else:
        _sweep_alone(sync.MOST_PAGES)


@shared_task
def follow_tuning_event(name: str) -> None:
    """Look at the tuning job that an event is about; find it, if it is new."""
    if pk := TuningJob.objects.filter(name=name).values_list("pk", flat=True).first():
        with_row_once(TuningJob, pk, sync.follow_tuning)
    else:
        _sweep_alone(sync.MOST_PAGES)


@shared_task
def poll() -> None:
    """Look at everything unfinished. A poll that overlaps another ends at once, or both would ask."""
    changes = quiet.changes()
    if sync.unfinished():
        _sweep_alone(1)
    else:
        quiet.note(changes)


@shared_task
def reconcile() -> None:
    """Repeat every step that is overdue."""
    repeat_overdue()
    scans.sweep()


@shared_task
def find_others() -> None:
    """Find what other clients created, changed and deleted, of which there was no event."""
    with locks.held("reconcile") as acquired:
        if acquired:
            _sweep(sync.MOST_PAGES)


def _follow_job(pk: int) -> None:
    """Look at a training job. Events and polls come in one after another, and a look reads all that there is."""
    locks.call_alone(f"follow-job-{pk}", lambda: with_row_once(TrainingJob, pk, sync.follow_job))


def _sweep_alone(pages: int) -> None:
    with locks.held("poll") as acquired:
        if acquired:
            _sweep(pages)


def _sweep(pages: int) -> None:
    try:
        sync.sweep(pages)
    except aws.Unavailable as e:
        log.warning("SageMaker could not be listed: %s", e.message)
