"""Makes of a model's table what its algorithm takes: read, checked, prepared, by one worker at a time."""

import logging
import time
from datetime import timedelta
from functools import partial

from django.db import close_old_connections
from django.db.models import F, Q
from django.utils.timezone import now

import algorithms
import preflight
import tables
from common.messages import _, gettext_noop
from jobs.limits import limit_note, max_runtime
from models_app import aws
from models_app.aws import job_spec, requests, s3_store
from models_app.aws.account import ConsoleAccount
from models_app.data import scans
from models_app.models import Model, TrainingJob
from models_app.problems import Problem
from models_app.work import read_slots
from models_app.work.enqueue import enqueue
from preflight import JobData, Report
from tables.inspector import inspect_source
from tables.profile import Profile

Status = TrainingJob.Status
LEASE = timedelta(seconds=30)  # without a word from the worker that prepares, another one may start over
TOLD = 1.0  # seconds between two words of progress
REST = timedelta(seconds=5)  # before a large table asks for a place again
MAX_TRIES = 5
READING, PREPARING = gettext_noop("Reading the table"), gettext_noop("Preparing the data")
log = logging.getLogger(__name__)


class Withdrawn(Exception):
    """The job was stopped or taken over while its data was being prepared."""


class Watch:
    """Tells how far the work is, and that somebody is still at it. Raises Withdrawn when it is not wanted any more."""

    def __init__(self, job: TrainingJob):
        self.job, self.step, self.last = job, READING, time.monotonic()

    def begin(self, step: str, total: int = 0) -> None:
        self.step = step
        self.tell(0, total)

    def __call__(self, done: int = 0, total: int = 0) -> None:
        if time.monotonic() - self.last > TOLD:
            self.tell(done, total)

    def tell(self, done: int, total: int) -> None:
        self.last = time.monotonic()
        close_old_connections()
        ours = TrainingJob.objects.filter(
            pk=self.job.pk,
            status=Status.CREATED,
            stop_requested=False,
            attempts=self.job.attempts,
            model__deleting=False,
        )
        told = {"step": self.step, "done": done, "total": total}
        if not ours.update(retry_at=now() + LEASE, preparing=told):
            raise Withdrawn
        self.job.changed()


def prepare(job: TrainingJob) -> None:
    """Prepare the data of `job`, then let it be launched. Repeatable: one worker at a time has the claim."""
    if not _claim(job):
        return
    try:
        _prepare(job)
    except Withdrawn:
        return
    except aws.Unavailable as e:
        wait(job, e)
        raise
    except Problem as e:
        _fail(job, e.message)
    except Exception as e:
        if job.attempts < MAX_TRIES:
            raise  # the claim runs out, and reconcile starts it again
        log.exception("preparing the data of %s", job)
        reason = f"InternalServerError: preparing the data failed {MAX_TRIES} times: {type(e).__name__}: {e}"
        _fail(job, reason)


def _prepare(job: TrainingJob) -> None:
    model = job.model
    assert model, f"{job} is prepared for a model"
    max_runtime(job_spec.of_model(model))  # a cost limit that cannot be kept is told before anything is read
    source = s3_store.locate(model.data_uri)
    s3_store.must_be(source, model.data_etag, "nothing was started")
    if not read_slots.is_free(source.size, job):
        TrainingJob.objects.filter(pk=job.pk, status=Status.CREATED, attempts=job.attempts).update(
            attempts=F("attempts") - 1, retry_at=now() + REST, preparing={}, note=read_slots.WAITING
        )
        job.changed()
        return
    watch = Watch(job)
    watch.begin(READING, source.size)
    algorithm = algorithms.get(model.algorithm)
    report, profile = _checked(model, source, watch)
    TrainingJob.objects.filter(pk=job.pk).update(preflight=report.as_json())
    job.preflight = report.as_json()
    if report.blocks:
        _fail(job, reason_of(report))
        return
    watch.begin(PREPARING, source.size)
    folder = requests.folder(job.name)
    choose_task = partial(algorithm.task_of, model.hyperparameters)
    ready = tables.prepare(source, model.how, algorithm, folder, watch, profile, choose_task)
    watch.tell(source.size, source.size)
    _prepared(job, ready, algorithm.settle(model.hyperparameters, ready.facts))


def _checked(model: Model, source: tables.Source, watch: Watch) -> tuple[Report, Profile | None]:
    """Preflight once more, with the whole table read: by a scan that somebody watched, or now."""
    how, spec = model.how, job_spec.of_model(model)
    if not how.prepare:
        data = preflight.read_job_data(spec, s3_store.S3(), watch, etag=model.data_etag)
        return preflight.check(spec, data, ConsoleAccount()), None
    found = inspect_source(source, how, algorithms.get(model.algorithm).supervised)
    problems: list[Problem] = []
    scan = scans.find(model.data_uri, model.data_etag, how)
    profile = Profile.from_json(scan.profile) if scan and scan.profile else None
    if profile is None:
        try:
            validation = s3_store.locate(how.validation_uri) if how.validation == "location" else None
            profile = tables.scan(source, how, watch, validation, found)
        except aws.Unavailable:
            raise
        except Problem as e:
            problems = [e]
    return preflight.check(spec, JobData(found, profile, problems=problems), ConsoleAccount()), profile


def reason_of(report: Report) -> str:
    """The failure reason of a job that preflight does not let pass: its worst finding, and how many more there are."""
    wrong = [found for found in report.findings if found.level == "err"]
    more = f" ({len(wrong) - 1} more in the preflight report)" if len(wrong) > 1 else ""
    return f"Preflight: {wrong[0].title.rstrip('.')}. {wrong[0].text}{more}"


def _claim(job: TrainingJob) -> bool:
    free = TrainingJob.objects.filter(pk=job.pk, status=Status.CREATED).filter(
        Q(retry_at=None) | Q(retry_at__lte=now())
    )
    claimed = free.update(attempts=F("attempts") + 1, retry_at=now() + LEASE, note="")
    job.refresh_from_db()
    return bool(claimed)


def _fail(job: TrainingJob, reason: str) -> None:
    job.move_to(Status.FAILED, failure_reason=reason, ended=now(), note="", preparing={})
    scans.hurry_next()


def wait(job: TrainingJob, e: aws.Unavailable) -> None:
    """Say what `job` waits for. Whoever comes next may try at once."""
    TrainingJob.objects.filter(pk=job.pk).update(note=e.message, retry_at=None)
    job.changed()


def _of_data(rows: int, features: int, dropped: int) -> str:
    """What the timeline says of the data; whole sentences, so that each can be found again in the catalogue."""
    values = {"rows": f"{rows:,}", "features": features, "dropped": f"{dropped:,}"}
    if features and dropped:
        return _("Data checked: %(rows)s rows, %(features)s features; %(dropped)s rows left out", **values)
    if features:
        return _("Data checked: %(rows)s rows, %(features)s features", **values)
    if dropped:
        return _("Data checked: %(rows)s rows; %(dropped)s rows left out", **values)
    return _("Data checked: %(rows)s rows", **values)


def _prepared(job: TrainingJob, ready: tables.PreparedData, hyperparameters: dict[str, str]) -> None:
    made, lineage = ready.schema, dict(ready.lineage)
    lineage["dropped"] = lineage["rows"] - lineage["train_rows"] - lineage["validation_rows"]
    Model.objects.filter(jobs=job).update(schema=made, lineage=lineage)
    job.say(_of_data(made["rows"], len(made["features"]), lineage["dropped"]))
    assert job.model
    if note := limit_note(job_spec.of_model(job.model)):
        job.say(note)
    moved = job.move_to(
        Status.LAUNCHING,
        channels=ready.channels,
        content_type=ready.content_type,
        hyperparameters=hyperparameters,
        attempts=0,
        retry_at=None,
        note="",
        preparing={},
    )
    if moved:
        enqueue("training.launch_training_job", job.pk)
    scans.hurry_next()
