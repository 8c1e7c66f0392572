"""What can be done to a tuning job: stop it."""

import logging

from common.db.nudge import nudge
from models_app import aws
from models_app.models import TuningJob
from models_app.work.enqueue import enqueue

Status = TuningJob.Status
log = logging.getLogger(__name__)


def stop_many(pks: list[int]) -> int:
    """Ask for those of these tuning jobs that run to be stopped; the number of them. Repeatable."""
    running = list(TuningJob.objects.filter(pk__in=pks, status=Status.IN_PROGRESS).values_list("pk", flat=True))
    stops = TuningJob.objects.filter(pk__in=running).update(stop_requested=True)
    for pk in running:  # `sync.reconcile` asks for what is lost
        enqueue("tuning.stop_tuning_job", pk)
    if stops:
        nudge("tunings", *(f"tuning-{pk}" for pk in running))
    return stops


def stop_now(row: TuningJob) -> None:
    """Do what `stop_many` wrote down. Repeatable."""
    if not row.stop_requested or row.status != Status.IN_PROGRESS:
        return
    try:
        with aws.plain_errors():
            aws.client("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)
    except aws.Refused as e:
        log.info("%s was not stopped: %s", row, e.message)  # it has ended, most likely; following it will tell
        return
    row.move_to(Status.STOPPING)
