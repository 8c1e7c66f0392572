"""What can be done to a training job: launch it, stop it, delete it."""

from contextlib import suppress

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from common.messages import _
from models_app import aws
from models_app.aws import names, requests, s3_store
from models_app.aws.ownership import is_ours
from models_app.models import Model, Tag, TrainingJob
from models_app.problems import Problem
from models_app.work.enqueue import enqueue
from models_app.work.stopping import Stopping

Status = TrainingJob.Status
RETRIED = (Status.FAILED, Status.STOPPED)


def launch(job: TrainingJob) -> None:
    """Ask SageMaker to start `job`. Safe to repeat: the name is ours, so two asks start one job."""
    if job.status != Status.LAUNCHING:
        return
    if job.stop_requested:
        STOPPING.end_launch(job)
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
    STOPPING.after_launch(job)


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


class TrainingStopping(Stopping):
    """How training jobs are stopped."""

    rows = TrainingJob
    stoppable = TrainingJob.LIVE
    created, launching = Status.CREATED, Status.LAUNCHING
    task = "training.stop_training_job"
    topics = ("models",)

    def ask(self, row: TrainingJob) -> None:
        aws.client("sagemaker").stop_training_job(TrainingJobName=row.name)

    def launch(self, row: TrainingJob) -> None:
        launch(row)

    def arn_of_launched(self, row: TrainingJob) -> str:
        return _arn_of_ours(row) if row.launch_attempts else ""


STOPPING = TrainingStopping()


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
        Tag.write(again, Tag.of(model))
        again.say(_("Retried after %(name)s", name=job.name))
        enqueue("training.prepare_data", again.pk)
    return again


def delete(job: TrainingJob) -> None:
    """Delete a job of another client at SageMaker, and its row. Its data and its artifact stay in S3."""
    with suppress(aws.NotFound), aws.plain_errors():
        aws.client("sagemaker").delete_training_job(TrainingJobName=job.name)
    job.changed()
    job.delete()
