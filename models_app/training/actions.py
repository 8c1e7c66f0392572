"""What can be done to a training job: launch it, stop it, delete it."""

from contextlib import suppress

from django.db import transaction

from common.messages import _
from models_app import aws
from models_app.aws import names, requests
from models_app.aws.ownership import is_ours
from models_app.models import Model, Tag, TrainingJob
from models_app.problems import Problem
from models_app.work.enqueue import enqueue
from models_app.work.launching import Launching

Status = TrainingJob.Status
RETRIED = (Status.FAILED, Status.STOPPED)


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


class TrainingLaunching(Launching):
    """How training jobs are launched and stopped."""

    rows = TrainingJob
    stoppable = TrainingJob.LIVE
    created, launching = Status.CREATED, Status.LAUNCHING
    task = "training.stop_training_job"
    topics = ("models",)

    def ask(self, row: TrainingJob) -> None:
        aws.client("sagemaker").stop_training_job(TrainingJobName=row.name)

    def create(self, row: TrainingJob) -> str:
        return _create(row)

    def arn_of_ours(self, row: TrainingJob) -> str:
        return _arn_of_ours(row)

    def table_of(self, row: TrainingJob) -> tuple[str, str]:
        assert row.model, f"{row} is launched for a model"
        return row.model.data_uri, row.model.data_etag


STOPPING = TrainingLaunching()
launch = STOPPING.launch


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
