"""What can be done to a training job: launch it, stop it, delete it."""

from contextlib import suppress
from typing import Any

from django.db import transaction

from common.messages import _
from models_app import aws
from models_app.aws import names, requests
from models_app.models import Model, Tag, TrainingJob
from models_app.problems import Problem
from models_app.work.enqueue import enqueue
from models_app.work.launching import TableLaunching

Status = TrainingJob.Status
RETRIED = (Status.FAILED, Status.STOPPED)


class TrainingLaunching(TableLaunching):
    """How training jobs are launched and stopped."""

    rows = TrainingJob
    stoppable = TrainingJob.LIVE
    created, launching = Status.CREATED, Status.LAUNCHING
    task = "training.stop_training_job"
    topics = ("models",)

    def ask(self, row: TrainingJob) -> None:
        """Have SageMaker stop the job."""
        aws.client("sagemaker").stop_training_job(TrainingJobName=row.name)

    def describe(self, row: TrainingJob) -> str:
        """The ARN of the job at SageMaker. Raises NotFound."""
        return aws.client("sagemaker").describe_training_job(TrainingJobName=row.name)["TrainingJobArn"]

    def create(self, row: TrainingJob) -> str:
        """Send CreateTrainingJob; the ARN of the job."""
        return aws.client("sagemaker").create_training_job(**requests.training_job(row))["TrainingJobArn"]

    def taken(self, row: TrainingJob) -> Any:
        """The message for a name that another client's job has."""
        return _(
            "A training job named %(name)s exists already and was not made by this console. Create the model again.",
            name=row.name,
        )

    def table_of(self, row: TrainingJob) -> tuple[str, str]:
        """The address of the model's table, and its version when it was checked."""
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
