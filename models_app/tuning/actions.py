"""What can be done to a tuning job: begin, launch, stop, repeat, delete."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from common.messages import _
from jobs.tuning.search import Search
from models_app import aws
from models_app.aws import names, requests, s3_store
from models_app.data import left_in_s3
from models_app.models import Tag, TuningJob
from models_app.problems import Problem
from models_app.tuning.prepare import TUNING_PREPARATION
from models_app.tuning.template import model_of, plan_of
from models_app.work.launching import TableLaunching

Status = TuningJob.Status
RETRIED = (Status.FAILED, Status.STOPPED)
LONGEST = 32  # characters of a tuning job's name at SageMaker


def begin(
    user: User | None, name: str, template: dict[str, Any], search: Search, intent: uuid.UUID, tags: Mapping[str, str]
) -> TuningJob:  # fmt: skip
    """Start a tuning job. Repeatable: one job an intent. Raises IntegrityError where the name is taken.

    `template` holds the columns of the model that is created of a training job of it (`create.submit.model_columns`).
    """
    with transaction.atomic():
        row, created = TuningJob.objects.get_or_create(
            intent=intent,
            defaults={
                "name": name,
                "owner": user,
                "external": False,
                "status": Status.CREATED,
                "algorithm": template["algorithm"],
                "strategy": search.strategy,
                "objective": search.objective,
                "limit": search.jobs,
                "template": template,
                "search": search.as_json(),
            },
        )
        if created:
            Tag.write(row, tags)
            row.say(_("Tuning job %(name)s created", name=name))
            TUNING_PREPARATION.enqueue(row.pk)
    return row


def can_be_retried(row: TuningJob) -> bool:
    """True for one of the console's own that failed or was stopped."""
    return row.status in RETRIED and not row.external


def retry(row: TuningJob) -> TuningJob:
    """Tune once more, with the table as it is now, unless a retry of it runs or has succeeded. Repeatable.

    Raises Problem for one that was not made here, or did not fail.
    """
    if not can_be_retried(row) or row.intent is None:
        words = _("Tuning job %(name)s cannot be retried: it is another client's, or did not fail.", name=row.name)
        raise Problem(words)
    intent = uuid.uuid5(row.intent, "retry")
    while earlier := TuningJob.objects.filter(intent=intent).first():
        if not can_be_retried(earlier):
            return earlier
        intent = uuid.uuid5(intent, "retry")
    template = row.template | {"data_etag": s3_store.locate(row.template["data_uri"]).etag}
    name = free_name(row.name)
    return begin(row.owner, name, template, Search.from_json(row.search), intent, Tag.of(row))


def delete(row: TuningJob, with_files: bool = False) -> None:
    """Delete an ended tuning job at SageMaker, and its row; its tries and the models of them stay.

    With `with_files` what `left_in_s3.folders_of_tuning` names goes as well. Repeatable, the row goes last.
    Raises Problem.
    """
    if not row.is_final:
        raise Problem(_("Tuning job %(name)s cannot be deleted: it has not ended. Stop it first.", name=row.name))
    folders = left_in_s3.folders_of_tuning(row) if with_files else []
    if row.arn:
        with suppress(aws.NotFound), aws.plain_errors():
            aws.client("sagemaker").delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)
    left_in_s3.delete(folders)
    row.changed()
    row.delete()


def free_name(name: str) -> str:
    """`name`, or one like it that no tuning job has."""

    def is_taken(candidate: str) -> bool:
        return candidate in names.RESERVED or TuningJob.objects.filter(name=candidate).exists()

    return names.suggest(name, is_taken, LONGEST) if is_taken(name) else name


class TuningLaunching(TableLaunching):
    """How tuning jobs are launched and stopped."""

    rows = TuningJob
    stoppable = TuningJob.STOPPABLE
    created, launching = Status.CREATED, Status.LAUNCHING
    task = "tuning.stop_tuning_job"

    def ask(self, row: TuningJob) -> None:
        """Have SageMaker stop the job."""
        aws.client("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)

    def describe(self, row: TuningJob) -> str:
        """The ARN of the job at SageMaker. Raises NotFound."""
        described = aws.client("sagemaker").describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)
        return described["HyperParameterTuningJobArn"]

    def create(self, row: TuningJob) -> str:
        """Send the request that creates the job; its ARN."""
        request = plan_of(row).request() | {"Tags": requests.own_tags(row)}
        created = aws.client("sagemaker").create_hyper_parameter_tuning_job(**request)
        return created["HyperParameterTuningJobArn"]

    def taken(self, row: TuningJob) -> Any:
        """The message for a name that another client's job has."""
        return _("A tuning job named %(name)s exists already and was not made by this console.", name=row.name)

    def table_of(self, row: TuningJob) -> tuple[str, str]:
        """The address of the table, and its version when it was checked."""
        model = model_of(row)
        return model.data_uri, model.data_etag


STOPPING = TuningLaunching()
launch = STOPPING.launch
