"""Finds every step that should have been taken by now, and asks for it again: after lost messages and dead workers."""

from datetime import timedelta

from django.db.models import Q
from django.utils.timezone import now

from common.db import queue
from models_app.batch import actions as batch
from models_app.batch.table_steps import BATCH
from models_app.catalog.evaluating import EVALUATION
from models_app.data.scans import SCANNING
from models_app.endpoints import evaluation
from models_app.models import Endpoint, TrainingJob, TransformJob, TuningJob
from models_app.notifications.delivery import DELIVERY
from models_app.training import actions as training
from models_app.training.prepare import PREPARATION
from models_app.tuning import actions as tuning
from models_app.tuning.prepare import TUNING_PREPARATION
from models_app.work.enqueue import enqueue
from models_app.work.stopping import Stopping

GRACE = timedelta(seconds=5)  # a step asked for just now is not overdue
EXPIRES = 15  # seconds; by then the next round asks again

STOPPINGS: tuple[Stopping, ...] = (training.STOPPING, batch.STOPPING, tuning.STOPPING)
_ENDPOINT_STEPS: dict[str, str] = {
    Endpoint.Status.LAUNCHING: "endpoints.launch_endpoint",
    Endpoint.Status.DELETING: "endpoints.remove_endpoint",
}


def repeat_overdue() -> None:
    """Repeat only what is safe to repeat: the verbs look at the row before they act."""
    for task, pk in overdue():
        enqueue(task, pk, expires=EXPIRES)
    queue.repeat(SCANNING, PREPARATION, TUNING_PREPARATION, EVALUATION, BATCH, DELIVERY)


def overdue() -> list[tuple[str, int]]:
    """(task, row) of each overdue step."""
    since = Q(status_since__lte=now() - GRACE)
    launches = TrainingJob.objects.filter(since, status=TrainingJob.Status.LAUNCHING)
    steps = [("training.launch_training_job", pk) for pk in launches.values_list("pk", flat=True)]
    transforms = TransformJob.objects.filter(since, status=TransformJob.Status.LAUNCHING)
    steps += [("batch.launch_transform_job", pk) for pk in transforms.values_list("pk", flat=True)]
    tunings = TuningJob.objects.filter(since, status=TuningJob.Status.LAUNCHING)
    steps += [("tuning.launch_tuning_job", pk) for pk in tunings.values_list("pk", flat=True)]
    for stopping in STOPPINGS:
        steps += stopping.overdue()
    steps += [("endpoints.measure_test_rows", pk) for pk in evaluation.due()]
    endpoints = Endpoint.objects.filter(since, status__in=_ENDPOINT_STEPS)
    return steps + [(_ENDPOINT_STEPS[status], pk) for pk, status in endpoints.values_list("pk", "status")]
