"""What can be done to a training job: prepare its data, launch it, stop it."""

import logging
import time
from datetime import timedelta

from django.db import close_old_connections
from django.db.models import F, Q
from django.utils.timezone import now

import algorithms
import tables
from models_app import aws, lake, requests
from models_app.hurry import hurry
from models_app.models import Model, TrainingJob
from models_app.ownership import is_ours
from models_app.problems import Problem

Status = TrainingJob.Status
LEASE = timedelta(seconds=30)  # without a word from the worker that prepares, another one may start over
RENEW = 5.0  # seconds
MOST_TRIES = 5
log = logging.getLogger(__name__)


class Withdrawn(Exception):
    """The job was stopped or taken over while its data was being prepared."""


def prepare(job: TrainingJob) -> None:
    """Prepare the data of `job`, then let it be launched. Repeatable: one worker at a time has the claim."""
    if not _claim(job):
        return
    model, last = job.model, time.monotonic()
    assert model, f"{job} is prepared for a model"

    def step(done: int = 0, total: int = 0) -> None:
        nonlocal last
        if time.monotonic() - last > RENEW:
            last = time.monotonic()
            _renew(job)

    try:
        source = lake.locate(model.data_uri)
        source.must_be(model.data_etag)
        algorithm = algorithms.get(model.algorithm)
        ready = tables.prepare(source, model.how, algorithm, model.hyperparameters, requests.folder(job.name), step)
        _renew(job)
    except Withdrawn:
        return
    except aws.Unavailable as e:
        _wait(job, e)
        raise
    except Problem as e:
        job.move_to(Status.FAILED, failure_reason=e.message, ended=now())
        return
    except Exception as e:
        if job.attempts < MOST_TRIES:
            raise  # the claim runs out, and reconcile starts it again
        log.exception("preparing the data of %s", job)
        reason = f"InternalServerError: preparing the data failed {MOST_TRIES} times: {type(e).__name__}: {e}"
        job.move_to(Status.FAILED, failure_reason=reason, ended=now())
        return
    _prepared(job, ready)


def _claim(job: TrainingJob) -> bool:
    free = TrainingJob.objects.filter(pk=job.pk, status=Status.CREATED).filter(
        Q(retry_at=None) | Q(retry_at__lte=now())
    )
    claimed = free.update(attempts=F("attempts") + 1, retry_at=now() + LEASE, note="")
    job.refresh_from_db()
    return bool(claimed)


def _renew(job: TrainingJob) -> None:
    close_old_connections()
    ours = TrainingJob.objects.filter(
        pk=job.pk, status=Status.CREATED, stop_requested=False, attempts=job.attempts, model__deleting=False
    )
    if not ours.update(retry_at=now() + LEASE):
        raise Withdrawn


def _wait(job: TrainingJob, e: aws.Unavailable) -> None:
    """Say what `job` waits for. Whoever comes next may try at once."""
    TrainingJob.objects.filter(pk=job.pk).update(note=e.message[:300], retry_at=None)
    job.changed()


def _prepared(job: TrainingJob, ready: tables.Prepared) -> None:
    made = ready.schema
    Model.objects.filter(jobs=job).update(schema=made)
    dropped = f"; {ready.dropped:,} rows without a label left out" if ready.dropped else ""
    width = f", {len(made['features'])} features" if made["features"] else ""
    job.say(f"Data checked: {made['rows']:,} rows{width}{dropped}")
    moved = job.move_to(
        Status.LAUNCHING,
        channels=ready.channels,
        content_type=ready.content_type,
        hyperparameters=ready.hyperparameters,
        attempts=0,
        retry_at=None,
        note="",
    )
    if moved:
        hurry("launch_training_job", job.pk)


def launch(job: TrainingJob) -> None:
    """Ask SageMaker to start `job`. Safe to repeat: the name is ours, so two asks start one job."""
    if job.status != Status.LAUNCHING:
        return
    if job.stop_requested:
        _stop_before_launch(job)
        return
    asked = TrainingJob.objects.filter(pk=job.pk, status=Status.LAUNCHING, stop_requested=False)
    if not asked.update(attempts=F("attempts") + 1):
        return
    try:
        arn = _create(job)
    except aws.Unavailable as e:
        _wait(job, e)
        raise
    except aws.Refused as e:
        job.move_to(Status.FAILED, failure_reason=e.message, ended=now(), note="")
        return
    job.move_to(Status.IN_PROGRESS, arn=arn, note="", retry_at=None)
    job.refresh_from_db()
    if job.stop_requested:
        stop_now(job)


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
    try:
        arn = _describe(job)["TrainingJobArn"] if job.attempts else ""
    except aws.NotThere:
        arn = ""
    if arn and is_ours(arn, job):
        if job.move_to(Status.IN_PROGRESS, arn=arn, note=""):
            stop_now(job)
    else:
        job.move_to(Status.STOPPED, ended=now(), note="")


def stop(job: TrainingJob) -> None:
    """Stop `job`, wherever it is: before its launch it is never launched. Repeatable; a finished job stays as it is."""
    if not TrainingJob.objects.filter(pk=job.pk, status__in=TrainingJob.LIVE).update(stop_requested=True):
        return
    job.refresh_from_db()
    if job.status == Status.CREATED and job.move_to(Status.STOPPED, ended=now(), note=""):
        return
    job.changed()
    hurry("stop_training_job", job.pk)


def stop_now(job: TrainingJob) -> None:
    """Do what `stop` wrote down. Repeatable."""
    if not job.stop_requested:
        return
    if job.status == Status.CREATED:
        job.move_to(Status.STOPPED, ended=now(), note="")
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
