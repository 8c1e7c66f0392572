"""Makes of a table what an algorithm takes: read, checked, prepared, by one worker at a time.

What a training job and a tuning job share: both have a model's columns, and wait in the status Created.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.timezone import now

import algorithms
import preflight
from common.db.claim import UNCLAIMED, Claim, Row, Unfinished
from common.db.server_paths import hide_paths
from common.db.work import MemoryLimitPassed, TimeLimitPassed, WorkerLost
from common.messages import _, gettext_noop
from models_app import aws
from models_app.aws import job_spec, requests, s3_store
from models_app.aws.account import ConsoleAccount
from models_app.data import scans
from models_app.models import Model
from models_app.problems import Problem
from models_app.work.table_work import AWAY, Progress, TableWork
from models_app.work.whole_table import WholeTable, whole_table
from preflight import JobData, Report
from tables import Inspection, PreparedData, Source
from tables.failures import ReadFailure
from tables.profile import Profile
from tables.reader_process import TooLarge

CREATED, FAILED = "Created", "Failed"  # statuses that both kinds of job have
ENDED: dict[str, Any] = UNCLAIMED | {"note": "", "preparing": {}}
READING, PREPARING = gettext_noop("Reading the table"), gettext_noop("Preparing the data")


class PreparationOf(TableWork[Row]):
    """Prepares the data of a created job and lets it be launched."""

    waiting = Q(status=CREATED)
    max_attempts = 5

    def give_back(self, row: Any) -> None:
        """Take back the progress of a job whose worker gave it back."""
        self.model._default_manager.filter(pk=row.pk).update(preparing={})
        row.changed()

    def give_up(self, row: Any, cause: Exception) -> None:
        """Fail a job whose preparation was tried too often, with the reason in words."""
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
        row.move_to(FAILED, failure_reason=f"InternalServerError: {why}", ended=now(), **ENDED)


def run_preparation(claim: Claim[Any], prepare: Callable[[Claim[Any]], None]) -> None:
    """Call `prepare` with the claimed job; a Problem fails the job. Raises ClaimLost, Unfinished."""
    try:
        prepare(claim)
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
        claim.move_to(FAILED, failure_reason=e.message, ended=now(), **ENDED)


def show_reading(claim: Claim[Any], size: int) -> Progress:
    """The progress of reading a table of `size` bytes, shown at its beginning."""
    progress = Progress(claim, _fields_of(READING))
    progress.show(0, size)
    return progress


def prepare_table(
    work: TableWork[Any], progress: Progress, model: Model, source: Source, job_name: str
) -> PreparedData:
    """What was written of the table of `model` for the job. Raises Problem when preflight blocks it."""
    algorithm, claim = algorithms.get(model.algorithm), progress.claim
    with whole_table(work, progress) as table:
        report, profile, inspection = _checked(model, source, table)
        claim.update(preflight=report.as_json())
        if report.blocks:
            raise Problem(reason_of(report))
        progress.fields = _fields_of(PREPARING)
        progress.show(0, source.size)
        folder = requests.folder(job_name)
        shards = job_spec.of_model(model).shards
        recipe, hyperparameters = model.full_recipe, model.hyperparameters
        return table.prepare(
            source, recipe, algorithm.name, folder, profile, hyperparameters, shards, inspection
        )  # fmt: skip


def _fields_of(step: str) -> Callable[[int, int], dict[str, Any]]:
    """The fields that show how far `step` is."""
    return lambda done, total: {"note": "", "preparing": {"step": step, "done": done, "total": total}}


def _show_note(claim: Claim[Any], message: str) -> None:
    claim.update(note=message)
    claim.row.changed()


def _checked(
    model: Model, source: Source, table: WholeTable
) -> tuple[Report, Profile | None, Inspection | None]:  # fmt: skip
    """Preflight once more, with the whole table read: by a scan that somebody watched, or now.

    With the report, what preparing the table needs of that.
    """
    recipe, spec = model.full_recipe, job_spec.of_model(model)
    if not recipe.prepare:
        data = table.read_job_data(spec, model.data_etag)
        return preflight.check(spec, data, ConsoleAccount()), None, None
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
    report = preflight.check(spec, JobData(inspection, profile, problems=problems), ConsoleAccount())
    return report, profile, replace(inspection, profile=None)


def reason_of(report: Report) -> str:
    """The failure reason of a job that preflight does not let pass: its worst finding, and how many more there are."""
    wrong = [finding for finding in report.findings if finding.level == "err"]
    more = f" ({len(wrong) - 1} more in the preflight report)" if len(wrong) > 1 else ""
    return f"Preflight: {wrong[0].title.rstrip('.')}. {wrong[0].text}{more}"


def describe_data(rows: int, features: int, dropped: int) -> str:
    """What the timeline says of the data; whole sentences, so that each can be found again in the catalogue."""
    values = {"rows": f"{rows:,}", "features": features, "dropped": f"{dropped:,}"}
    if features and dropped:
        return _("Data checked: %(rows)s rows, %(features)s features; %(dropped)s rows left out", **values)
    if features:
        return _("Data checked: %(rows)s rows, %(features)s features", **values)
    if dropped:
        return _("Data checked: %(rows)s rows; %(dropped)s rows left out", **values)
    return _("Data checked: %(rows)s rows", **values)
