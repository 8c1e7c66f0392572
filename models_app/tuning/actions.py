"""What can be done to a tuning job: begin, launch, stop, repeat."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from common.messages import _
from jobs.tuning.search import Search
from models_app import aws
from models_app.aws import names, requests, s3_store
from models_app.aws.ownership import is_ours
from models_app.models import Tag, TuningJob
from models_app.problems import Problem
from models_app.tuning.prepare import TUNING_PREPARATION
from models_app.tuning.template import model_of, plan_of
from models_app.work.stopping import Stopping

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


def free_name(name: str) -> str:
    """`name`, or one like it that no tuning job has."""

    def is_taken(candidate: str) -> bool:
        return candidate in names.RESERVED or TuningJob.objects.filter(name=candidate).exists()

    return names.suggest(name, is_taken, LONGEST) if is_taken(name) else name


def launch(row: TuningJob) -> None:
    """Ask SageMaker to start `row`. Safe to repeat: the name is ours, so two requests start one job."""
    if row.status != Status.LAUNCHING:
        return
    if row.stop_requested:
        STOPPING.end_launch(row)
        return
    launchable = TuningJob.objects.filter(pk=row.pk, status=Status.LAUNCHING, stop_requested=False)
    if not launchable.update(launch_attempts=F("launch_attempts") + 1):
        return
    try:
        arn = _launched_before(row) or _create(row)
    except aws.Unavailable as e:
        row.show_note(e.message)
        raise
    except Problem as e:
        row.move_to(Status.FAILED, failure_reason=e.english, ended=now(), note="")
        return
    row.move_to(Status.IN_PROGRESS, arn=arn, note="")
    STOPPING.after_launch(row)


def _launched_before(row: TuningJob) -> str:
    """The ARN of the job if an earlier request created it and its answer was lost; "" if none did.

    Raises Problem when an object was replaced since it was checked: then nothing is launched.
    """
    model = model_of(row)
    try:
        s3_store.must_be(s3_store.locate(model.data_uri), model.data_etag, "nothing was started")
    except aws.Unavailable:
        raise
    except Problem:
        row.refresh_from_db(fields=["launch_attempts"])
        if row.launch_attempts > 1 and (arn := _arn_of_ours(row)):
            return arn  # the data was the same when it was started
        raise
    return ""


def _create(row: TuningJob) -> str:
    """The ARN of `row` at SageMaker, created now or by an earlier request whose answer was lost."""
    request = plan_of(row).request() | {"Tags": requests.own_tags(row)}
    try:
        with aws.plain_errors():
            answer = aws.client("sagemaker").create_hyper_parameter_tuning_job(**request)
            return answer["HyperParameterTuningJobArn"]
    except aws.AlreadyExists:
        if arn := _arn_of_ours(row):
            return arn
        words = _("A tuning job named %(name)s exists already and was not made by this console.", name=row.name)
        raise aws.Refused(words) from None


def _arn_of_ours(row: TuningJob) -> str:
    """The ARN of the job of `row` at SageMaker; "" if there is none that is ours."""
    client = aws.client("sagemaker")
    try:
        with aws.plain_errors():
            described = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)
    except aws.NotFound:
        return ""
    arn = described["HyperParameterTuningJobArn"]
    return arn if is_ours(arn, row) else ""


class TuningStopping(Stopping):
    """How tuning jobs are stopped."""

    rows = TuningJob
    stoppable = TuningJob.STOPPABLE
    created, launching = Status.CREATED, Status.LAUNCHING
    task = "tuning.stop_tuning_job"

    def ask(self, row: TuningJob) -> None:
        aws.client("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=row.name)

    def launch(self, row: TuningJob) -> None:
        launch(row)

    def arn_of_launched(self, row: TuningJob) -> str:
        return _arn_of_ours(row) if row.launch_attempts else ""


STOPPING = TuningStopping()
