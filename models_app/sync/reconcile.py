"""Finds every step that should have been taken by now, and asks for it again: after lost messages and dead workers."""

from datetime import timedelta

from django.db.models import Q
from django.utils.timezone import now

from models_app.data import scans
from models_app.models import Endpoint, TrainingJob
from models_app.work.enqueue import enqueue

GRACE = timedelta(seconds=5)  # a step asked for just now is not overdue
EXPIRES = 15  # seconds; by then the next round asks again

_JOB_STEPS: dict[str, str] = {
    TrainingJob.Status.CREATED: "training.prepare_data",
    TrainingJob.Status.LAUNCHING: "training.launch_training_job",
}
_ENDPOINT_STEPS: dict[str, str] = {
    Endpoint.Status.LAUNCHING: "endpoints.launch_endpoint",
    Endpoint.Status.DELETING: "endpoints.remove_endpoint",
}


def nudge_overdue() -> None:
    """Repeats only what is safe to repeat: the verbs look at the row before they act."""
    for task, pk in overdue():
        enqueue(task, pk, expires=EXPIRES)


def overdue() -> list[tuple[str, int]]:
    """(task, row) of each overdue step."""
    rested = Q(retry_at=None) | Q(retry_at__lte=now())
    since = Q(status_since__lte=now() - GRACE)
    jobs = TrainingJob.objects.filter(rested & since, status__in=_JOB_STEPS)
    steps = [(_JOB_STEPS[job.status], job.pk) for job in jobs]
    stops = TrainingJob.objects.filter(status=TrainingJob.Status.IN_PROGRESS, stop_requested=True)
    steps += [("training.stop_training_job", job.pk) for job in stops]
    steps += [("data.scan_table", pk) for pk in scans.overdue(GRACE)]
    endpoints = Endpoint.objects.filter(since, status__in=_ENDPOINT_STEPS)
    return steps + [(_ENDPOINT_STEPS[endpoint.status], endpoint.pk) for endpoint in endpoints]
