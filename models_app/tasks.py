"""The console's background work: each task fetches a row, calls a verb and ends. All may be lost or doubled."""

import logging

from celery import shared_task
from django.conf import settings

from models_app import aws, following, kept_forms, locks, reconciling
from models_app.actions import endpoints, idle, jobs, models, scans, uploads
from models_app.models import Endpoint, Model, Scan, TrainingJob

log = logging.getLogger(__name__)
patient = shared_task(autoretry_for=(aws.Unavailable,), retry_backoff=True, retry_backoff_max=30, max_retries=5)


def _with(rows, pk: int, verb) -> None:
    """Call `verb` with the row; a row that is gone needs nothing any more."""
    row = rows.objects.filter(pk=pk).first()
    if row is not None:
        verb(row)


@patient
def prepare_data(job_id: int) -> None:
    _with(TrainingJob, job_id, jobs.prepare)


@patient
def scan_table(scan_id: int) -> None:
    _with(Scan, scan_id, scans.run)


@patient
def launch_training_job(job_id: int) -> None:
    _with(TrainingJob, job_id, jobs.launch)


@patient
def stop_training_job(job_id: int) -> None:
    _with(TrainingJob, job_id, jobs.stop_now)


@patient
def launch_endpoint(endpoint_id: int) -> None:
    _with(Endpoint, endpoint_id, endpoints.launch)


@shared_task
def remove_endpoint(endpoint_id: int) -> None:
    _try(Endpoint, endpoint_id, endpoints.remove)


@shared_task
def remove_model(model_id: int) -> None:
    _try(Model, model_id, models.remove)


@shared_task
def follow_job(job_id: int) -> None:
    _try(TrainingJob, job_id, following.follow_job)


@shared_task
def follow_endpoint(endpoint_id: int) -> None:
    _try(Endpoint, endpoint_id, following.follow_endpoint)


def _try(rows, pk: int, verb) -> None:
    """Like `_with`, for what the next poll asks again anyway."""
    try:
        _with(rows, pk, verb)
    except aws.Unavailable as e:
        log.info("%s %s: %s", verb.__name__, pk, e.message)


@shared_task
def stop_idle_endpoints() -> None:
    """Delete the endpoints that nobody called for as long as their makers said."""
    for endpoint in idle.due():
        _try(Endpoint, endpoint.pk, idle.stop_if_idle)


@shared_task
def poll() -> None:
    """Look at everything unfinished. Overlapping polls would ask twice, so the second one ends at once."""
    if not following.unfinished():
        return
    with locks.held("poll", max(10, 5 * settings.POLL_SECONDS)) as ours:
        if ours:
            _sweep(1)


@shared_task
def reconcile() -> None:
    """Take again every step that is overdue, and look for what other clients made."""
    reconciling.nudge_overdue()
    scans.sweep()
    with locks.held("reconcile", 60) as ours:
        if ours:
            _sweep(following.MOST_PAGES)


def _sweep(pages: int) -> None:
    try:
        following.sweep(pages)
    except aws.Unavailable as e:
        log.warning("could not look at SageMaker: %s", e.message)


@shared_task
def sweep_left() -> None:
    """Give up the uploads that were left a week ago, and forget the forms that were left a month ago."""
    kept_forms.sweep()
    try:
        uploads.sweep()
    except aws.Unavailable as e:
        log.warning("abandoned uploads stay until the next sweep: %s", e.message)
