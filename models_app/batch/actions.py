"""What can be done to a batch prediction: begin, launch, stop."""

import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from common.messages import _
from models_app import aws
from models_app.aws import names, s3_store
from models_app.batch import requests
from models_app.batch.lookup import can_predict
from models_app.batch.table_steps import BATCH
from models_app.models import Model, Tag, TransformJob
from models_app.problems import Problem
from models_app.work import locks
from models_app.work.launching import Launching

Status = TransformJob.Status
RETRIED = (Status.FAILED, Status.STOPPED)
log = logging.getLogger(__name__)


def begin(
    user: User | None,
    model: Model,
    uri: str,
    etag: str,
    columns: dict[str, str],
    intent: uuid.UUID,
    instance_type: str,
    tags: Mapping[str, str] | None = None,
) -> TransformJob:
    """Predict every row of the version `etag` of the table at `uri` with `model`. Repeatable: one job an intent.

    `columns` names the table's column for a column of the model, where they differ. `tags` of None are the model's.
    """
    assert model.job, f"{model} is trained"
    name = names.with_suffix(f"{model.name}-batch")
    with transaction.atomic():
        row, created = TransformJob.objects.get_or_create(
            intent=intent,
            defaults={
                "name": name,
                "sagemaker_model": name,
                "model": model,
                "owner": user,
                "algorithm": model.algorithm,
                "artifact": model.job.artifact,
                "input_uri": uri,
                "input_etag": etag,
                "columns": columns,
                "instance_type": instance_type,
            },
        )
        if created:
            Tag.write(row, Tag.of(model) if tags is None else tags)
            BATCH.enqueue(row.pk)
            row.changed()
    return row


class Retry(NamedTuple):
    """`job` predicts the table again; `failed` is the last of earlier retries, each of which ended without success."""

    job: TransformJob
    failed: TransformJob | None
    is_new: bool


def retry(row: TransformJob) -> Retry:
    """Predict the table of `row`, as it is now, once more, unless a retry of it runs or has succeeded. Repeatable.

    Raises Problem for one that was not made here, or did not fail.
    """
    if row.status not in RETRIED or row.external or row.model is None or row.model.job is None:
        words = _("Batch prediction %(name)s cannot be retried: its model is gone, or it did not fail.", name=row.name)
        raise Problem(words)
    if row.model.deleting or not can_predict(row.model):
        raise Problem(_("%(name)s is not trained.", name=row.model.name))
    failed, intent = None, uuid.uuid5(row.intent, "retry")
    while earlier := TransformJob.objects.filter(intent=intent).first():
        if earlier.status not in RETRIED:
            return Retry(earlier, failed, is_new=False)
        failed, intent = earlier, uuid.uuid5(earlier.intent, "retry")
    etag = s3_store.locate(row.input_uri).etag
    again = begin(row.owner, row.model, row.input_uri, etag, row.columns, intent, row.instance_type, Tag.of(row))
    return Retry(again, failed, is_new=True)


def launch(row: TransformJob) -> None:
    """Make model and transform job at SageMaker. Each step is repeatable: the names are ours."""
    with locks.held(f"transform-{row.pk}") as acquired:
        row.refresh_from_db()
        if not acquired or row.status != Status.LAUNCHING:
            return
        if row.stop_requested:
            STOPPING.end_launch(row)
            return
        is_started = STOPPING.start(row, _create)
    if is_started:
        STOPPING.after_launch(row)


def _create(row: TransformJob) -> str:
    """The ARN of the transform job of `row`, whose model is created before it."""
    if row.model is None:
        raise Problem(_("The model was deleted before its rows were predicted."))
    s3_store.locate(row.artifact)
    with suppress(aws.AlreadyExists), aws.plain_errors():
        aws.client("sagemaker").create_model(**requests.model(row))
    return STOPPING.create_once(row)


class TransformLaunching(Launching):
    """How transform jobs are launched and stopped."""

    rows = TransformJob
    stoppable = TransformJob.STOPPABLE
    created, launching = Status.CREATED, Status.LAUNCHING
    task = "batch.stop_transform_job"

    def ask(self, row: TransformJob) -> None:
        """Have SageMaker stop the job."""
        aws.client("sagemaker").stop_transform_job(TransformJobName=row.name)

    def launch(self, row: TransformJob) -> None:
        """Ask SageMaker to start the job. Repeatable. Raises aws.Unavailable."""
        launch(row)

    def describe(self, row: TransformJob) -> str:
        """The ARN of the job at SageMaker. Raises NotFound."""
        return aws.client("sagemaker").describe_transform_job(TransformJobName=row.name)["TransformJobArn"]

    def create(self, row: TransformJob) -> str:
        """Send the request that creates the job; its ARN."""
        return aws.client("sagemaker").create_transform_job(**requests.transform_job(row))["TransformJobArn"]

    def taken(self, row: TransformJob) -> Any:
        """The message for a name that another client's job has."""
        return _("A transform job %(name)s exists already and was not made by this console.", name=row.name)


STOPPING = TransformLaunching()


def forget_model(row: TransformJob) -> None:
    """Delete the model that was made at SageMaker for `row`. Repeatable. Raises aws.Unavailable."""
    if row.external or not row.sagemaker_model:
        return
    try:
        with aws.plain_errors():
            aws.client("sagemaker").delete_model(ModelName=row.sagemaker_model)
    except aws.Refused as e:
        if not isinstance(e, aws.NotFound):
            log.info("the model of %s was not deleted: %s", row, e.message)
