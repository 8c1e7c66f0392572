"""What can be done to a training job: launch it, stop it, delete it."""

import logging
from contextlib import suppress

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from common.db.claim import UNCLAIMED
from common.db.nudge import nudge
from common.messages import _
from models_app import aws
from models_app.aws import names, requests, s3_store
from models_app.aws.ownership import is_ours
from models_app.models import Model, TrainingJob
from models_app.problems import Problem
from models_app.work.enqueue import enqueue

Status = TrainingJob.Status
RETRIED = (Status.FAILED, Status.STOPPED)
AT_ONCE = 100  # of many jobs that are stopped, so many messages are sent
log = logging.getLogger(__name__)


def launch(job: TrainingJob) -> None:
    """Ask SageMaker to start `job`. Safe to repeat: the name is ours, so two asks start one job."""
    if job.status != Status.LAUNCHING:
        return
    if job.stop_requested:
        _stop_before_launch(job)
        return
    launchable = TrainingJob.objects.filter(pk=job.pk, status=Status.LAUNCHING, stop_requested=False)
    if not launchable.update(launch_attempts=F("launch_attempts") + 1):
        return
    try:
        arn = _launched_before(job) or _create(job)
    except aws.Unavailable as e:
        job.show_note(e.message)
        raise
    except Problem as e:
        job.move_to(Status.FAILED, failure_reason=e.english, ended=now(), note="")
        return
    job.move_to(Status.IN_PROGRESS, arn=arn, note="")
    job.refresh_from_db()
    if job.stop_requested:
        stop_now(job)


def _launched_before(job: TrainingJob) -> str:
    """The ARN of the job if an earlier request created it and its response was lost; "" if none did.

    Raises Problem when an object was replaced since it was checked: then nothing is launched.
    """
    assert job.model, f"{job} is launched for a model"
    try:
        s3_store.must_be(s3_store.locate(job.model.data_uri), job.model.data_etag, "nothing was started")
    except aws.Unavailable:
        raise
    except Problem:
        job.refresh_from_db(fields=["launch_attempts"])
        if job.launch_attempts > 1 and (arn := _arn_of_ours(job)):
            return arn  # the data was the same when it was started
        raise
    return ""


def _arn_of_ours(job: TrainingJob) -> str:
    try:
        arn = _describe(job)["TrainingJobArn"]
    except aws.NotFound:
        return ""
    return arn if is_ours(arn, job) else ""


def _create(job: TrainingJob) -> str:
    """The ARN of `job` at SageMaker, made now or by an earlier ask whose answer was lost."""
    try:
        with aws.plain_errors():
            return aws.client("sagemaker").create_training_job(**requests.training_job(job))["TrainingJobArn"]
    except aws.AlreadyExists:
        arn = _describe(job)["TrainingJobArn"]
        if not is_ours(arn, job):
            raise aws.Refused(
                f"A training job named {job.name} exists already and was not made by this console. "
                "Create the model again."
            ) from None
        return arn


def _describe(job: TrainingJob) -> dict:
    with aws.plain_errors():
        return aws.client("sagemaker").describe_training_job(TrainingJobName=job.name)


def _stop_before_launch(job: TrainingJob) -> None:
    """A stop came before the launch was known to be done. It may have been asked for all the same."""
    if arn := _arn_of_ours(job) if job.launch_attempts else "":
        if job.move_to(Status.IN_PROGRESS, arn=arn, note=""):
            stop_now(job)
    else:
        job.move_to(Status.STOPPED, ended=now(), note="")


def stop(job: TrainingJob) -> bool:
    """Stop `job`, wherever it is: before its launch it is never launched. Repeatable; False if it has ended already."""
    stops = TrainingJob.objects.filter(pk=job.pk, status__in=TrainingJob.LIVE).update(stop_requested=True)
    job.refresh_from_db()
    if not stops:
        return False
    if job.status == Status.CREATED and job.move_to(Status.STOPPED, ended=now(), note="", **UNCLAIMED):
        return True
    job.changed()
    enqueue("training.stop_training_job", job.pk)
    return True


def stop_many(pks: list[int]) -> int:
    """Stop those of these jobs that have not ended; the number of them. Those at SageMaker follow within seconds."""
    live = TrainingJob.objects.filter(pk__in=pks, status__in=TrainingJob.LIVE)
    early = list(live.filter(status=Status.CREATED))
    rest = live.exclude(status=Status.CREATED)
    first = list(rest.values_list("pk", flat=True)[:AT_ONCE])
    stops = rest.update(stop_requested=True)  # written for all; `sync.reconcile` asks for what is left after these
    for pk in first:
        enqueue("training.stop_training_job", pk)
    if stops:
        nudge("jobs", "models", *(f"job-{pk}" for pk in first))
    return stops + sum(stop(job) for job in early)


def stop_now(job: TrainingJob) -> None:
    """Do what `stop` wrote down. Repeatable."""
    if not job.stop_requested:
        return
    if job.status == Status.CREATED:
        job.move_to(Status.STOPPED, ended=now(), note="", **UNCLAIMED)
    elif job.status == Status.LAUNCHING:
        launch(job)
    elif job.status == Status.IN_PROGRESS:
        try:
            with aws.plain_errors():
                aws.client("sagemaker").stop_training_job(TrainingJobName=job.name)
        except aws.Refused as e:
            # Finished in the meantime, most likely; following it will tell.
            log.info("%s was not stopped: %s", job, e.message)
            return
        job.move_to(Status.STOPPING)


def can_be_retried(job: TrainingJob) -> bool:
    """True for the latest attempt at a model, if it failed or was stopped."""
    model = job.model
    return job.status in RETRIED and model is not None and model.job_id == job.pk and not model.deleting


def retry(job: TrainingJob) -> TrainingJob:
    """Train the model of `job` once more, with the same table and settings: the new job.

    Raises Problem for a job that cannot be retried, and for one that somebody else has just retried.
    """
    model = job.model
    if model is None or not can_be_retried(job):
        raise Problem(
            _(
                "Job %(name)s cannot be retried: it is not the latest attempt at a model, or it did not fail.",
                name=job.name,
            )
        )
    with transaction.atomic():
        again = TrainingJob.objects.create(
            name=names.with_suffix(model.name),
            model=model,
            owner=job.owner,
            algorithm=model.algorithm,
            instance_type=model.instance_type,
        )
        if not Model.objects.filter(pk=model.pk, job=job, deleting=False).update(job=again):
            raise Problem(_("Job %(name)s was retried by somebody else.", name=job.name))
        again.say(_("Retried after %(name)s", name=job.name))
        enqueue("training.prepare_data", again.pk)
    return again


def delete(job: TrainingJob) -> None:
    """Delete a job of another client at SageMaker, and its row. Its data and its artifact stay in S3."""
    with suppress(aws.NotFound), aws.plain_errors():
        aws.client("sagemaker").delete_training_job(TrainingJobName=job.name)
    job.changed()
    job.delete()
