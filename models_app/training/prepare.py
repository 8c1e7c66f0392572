"""Makes of a model's table what its algorithm takes: read, checked, prepared, by one worker at a time."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

import algorithms
import preflight
from common.db.claim import UNCLAIMED, Claim, Unfinished
from common.db.server_paths import hide_paths
from common.db.work import MemoryLimitPassed, TimeLimitPassed, WorkerLost
from common.messages import _, gettext_noop
from jobs.code.kinds import ALGORITHM as CODE
from jobs.limits import limit_note, max_runtime
from models_app import aws
from models_app.aws import job_spec, requests, s3_store
from models_app.aws.account import ConsoleAccount
from models_app.data import scans
from models_app.models import Model, TrainingJob
from models_app.problems import Problem
from models_app.training.prepare_code import prepare_code
from models_app.work.enqueue import enqueue
from models_app.work.table_work import AWAY, Progress, TableWork, check_slot
from models_app.work.whole_table import WholeTable, whole_table
from preflight import JobData, Report
from tables import PreparedData, Source
from tables.failures import ReadFailure
from tables.profile import Profile
from tables.reader_process import TooLarge

Status = TrainingJob.Status
ENDED: dict[str, Any] = UNCLAIMED | {"note": "", "preparing": {}}
READING, PREPARING = gettext_noop("Reading the table"), gettext_noop("Preparing the data")


class PreparationWork(TableWork[TrainingJob]):
    """Prepares the data of a created training job and lets it be launched."""

    model = TrainingJob
    task = "models_app.training.tasks.prepare_data"
    runner = "models_app.training.prepare.run"
    waiting = Q(status=Status.CREATED)
    max_attempts = 5

    def give_back(self, row: TrainingJob) -> None:
        TrainingJob.objects.filter(pk=row.pk).update(preparing={})
        row.changed()

    def give_up(self, row: TrainingJob, cause: Exception) -> None:
        if isinstance(cause, WorkerLost):
            why = f"the worker that prepared the data died {row.attempt} times. Please mind the machine's memory"
        elif isinstance(cause, MemoryLimitPassed):
            why = (
                f"preparing the data takes more than {cause} of memory, the most that one table may. Leave out columns "
                "with long texts, split the table, or raise SAGEWRIGHT_READER_MEMORY"
            )
        elif isinstance(cause, TimeLimitPassed):
            why = f"preparing the data took longer than {cause}"
        elif isinstance(cause, ReadFailure):
            why = f"preparing the data failed {row.attempt} times: {cause.english.rstrip('.')}"
        else:
            why = f"preparing the data failed {row.attempt} times: {type(cause).__name__}: {hide_paths(str(cause))}"
        row.move_to(Status.FAILED, failure_reason=f"InternalServerError: {why}", ended=now(), **ENDED)


PREPARATION = PreparationWork()


def run(claim: Claim[TrainingJob]) -> None:
    """Prepare the data of a claimed job. Raises ClaimLost, Unfinished."""
    try:
        _prepare(claim)
    except aws.Unavailable as e:
        _show_note(claim, e.message)
        raise Unfinished(e.english, counted=False, delay=AWAY) from e
    except Unfinished as e:
        if not e.begun:
            _show_note(claim, str(e))
        raise
    except ReadFailure:
        raise  # unforeseen: tried again before it is given up
    except Problem as e:
        _fail(claim, e.message)


def _prepare(claim: Claim[TrainingJob]) -> None:
    job = claim.row
    model = job.model
    assert model, f"{job} is prepared for a model"
    max_runtime(job_spec.of_model(model))  # a cost limit that cannot be kept fails the job before anything is read
    source = s3_store.locate(model.data_uri)
    s3_store.must_be(source, model.data_etag, "nothing was started")
    check_slot(source.size, claim)
    progress = Progress(claim, _fields_of(READING))
    progress.show(0, source.size)
    if model.algorithm == CODE:
        prepare_code(claim, source, ENDED)
        return
    algorithm = algorithms.get(model.algorithm)
    with whole_table(PREPARATION, progress) as table:
        report, profile = _checked(model, source, table)
        claim.update(preflight=report.as_json())
        if report.blocks:
            _fail(claim, reason_of(report))
            return
        progress.fields = _fields_of(PREPARING)
        progress.show(0, source.size)
        folder = requests.folder(job.name)
        ready = table.prepare(source, model.full_recipe, algorithm.name, folder, profile, model.hyperparameters)
    progress.show(source.size, source.size)
    _prepared(claim, ready, algorithm.settle(model.hyperparameters, ready.facts))


def _fields_of(step: str) -> Callable[[int, int], dict[str, Any]]:
    """The fields that show how far `step` is."""
    return lambda done, total: {"note": "", "preparing": {"step": step, "done": done, "total": total}}


def _show_note(claim: Claim[TrainingJob], message: str) -> None:
    claim.update(note=message)
    claim.row.changed()


def _checked(model: Model, source: Source, table: WholeTable) -> tuple[Report, Profile | None]:
    """Preflight once more, with the whole table read: by a scan that somebody watched, or now."""
    recipe, spec = model.full_recipe, job_spec.of_model(model)
    if not recipe.prepare:
        data = table.read_job_data(spec, model.data_etag)
        return preflight.check(spec, data, ConsoleAccount()), None
    inspection = table.inspect(source, recipe, algorithms.get(model.algorithm).supervised)
    problems: list[Problem] = []
    scan = scans.find(model.data_uri, model.data_etag, recipe)
    profile = Profile.from_json(scan.profile) if scan and scan.profile else None
    if profile is None:
        try:
            validation = s3_store.locate(recipe.validation_uri) if recipe.validation == "location" else None
            profile = table.scan(source, recipe, validation, inspection)
        except (aws.Unavailable, ReadFailure, TooLarge):
            raise
        except Problem as e:
            problems = [e]
    return preflight.check(spec, JobData(inspection, profile, problems=problems), ConsoleAccount()), profile


def reason_of(report: Report) -> str:
    """The failure reason of a job that preflight does not let pass: its worst finding, and how many more there are."""
    wrong = [finding for finding in report.findings if finding.level == "err"]
    more = f" ({len(wrong) - 1} more in the preflight report)" if len(wrong) > 1 else ""
    return f"Preflight: {wrong[0].title.rstrip('.')}. {wrong[0].text}{more}"


def _fail(claim: Claim[TrainingJob], reason: str) -> None:
    claim.move_to(Status.FAILED, failure_reason=reason, ended=now(), **ENDED)


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


def _prepared(claim: Claim[TrainingJob], ready: PreparedData, hyperparameters: dict[str, str]) -> None:
    schema, lineage = ready.schema, dict(ready.lineage)
    lineage["dropped"] = lineage["rows"] - schema["rows"]
    with transaction.atomic():
        job = claim.lock()
        Model.objects.filter(jobs=job).update(schema=schema, lineage=lineage)
        job.say(_of_data(schema["rows"], len(schema["features"]), lineage["dropped"]))
        assert job.model
        if note := limit_note(job_spec.of_model(job.model)):
            job.say(note)
        job.move_to(
            Status.LAUNCHING,
            channels=ready.channels,
            content_type=ready.content_type,
            hyperparameters=hyperparameters,
            **ENDED,
        )
        enqueue("training.launch_training_job", job.pk)
