"""What can be done to a scan, the full read of a table for the Create model page: start, run, cancel, sweep away."""

import hashlib
import json
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim, Unfinished
from common.db.server_paths import hide_paths
from common.db.work import MemoryLimitPassed, TimeLimitPassed, WorkerLost
from common.messages import _
from models_app import aws
from models_app.aws import s3_store
from models_app.models import Scan
from models_app.problems import Problem
from models_app.work.table_work import AWAY, Progress, TableWork, check_slot
from models_app.work.whole_table import whole_table
from tables import Recipe
from tables.failures import ReadFailure

Status = Scan.Status
OPEN = (Status.QUEUED, Status.RUNNING)
KEEP_DONE = timedelta(days=7)
KEEP_OTHERS = timedelta(days=1)
# What of a recipe changes what a scan finds; the rest is decided later.
READ_BY = (
    "has_header", "delimiter", "quoting", "align_names", "encoding", "types", "numbers", "dates", "target",
    "validation_uri", "label_words", "label_case",
)  # fmt: skip


def key_of(uri: str, etag: str, recipe: Recipe) -> str:
    """Two who ask for the same version of a table, read the same way, share one scan."""
    how = {name: value for name, value in recipe.as_json().items() if name in READ_BY}
    if recipe.validation != "location":
        how.pop("validation_uri", None)
    return hashlib.sha256(json.dumps([uri, etag, how], sort_keys=True).encode()).hexdigest()


def find(uri: str, etag: str, recipe: Recipe) -> Scan | None:
    """The scan of just this, whoever asked for it."""
    return Scan.objects.filter(key=key_of(uri, etag, recipe)).first()


def start(user, uri: str, etag: str, recipe: Recipe) -> Scan:
    """The scan of the version `etag` of `uri` under `recipe`: the one there is, or a new one. Repeatable.

    One that failed or was cancelled is made anew.
    """
    key = key_of(uri, etag, recipe)
    with transaction.atomic():
        Scan.objects.filter(key=key, status__in=(Status.FAILED, Status.CANCELLED)).delete()
        try:
            with transaction.atomic():
                scan, created = Scan.objects.get_or_create(
                    key=key, defaults={"uri": uri, "etag": etag, "recipe": recipe.as_json(), "owner": user}
                )
        except IntegrityError:  # made by another in this very moment
            scan, created = Scan.objects.get(key=key), False
        if created:
            SCANNING.enqueue(scan.pk)
    return scan


def cancel(scan: Scan) -> None:
    """End `scan`, whether it runs or waits. Repeatable; a finished one stays as it is, a deleted one is no error."""
    with transaction.atomic():
        unfinished = Scan.objects.select_for_update().filter(pk=scan.pk, status__in=OPEN)
        if row := unfinished.first():
            row.move_to(Status.CANCELLED, **UNCLAIMED)


class ScanWork(TableWork[Scan]):
    """Reads the whole table of a scan."""

    model = Scan
    task = "models_app.data.tasks.scan_table"
    runner = "models_app.data.scans.run"
    waiting = Q(status__in=OPEN)
    max_attempts = 3  # workers may die of the very table

    def give_back(self, row: Scan) -> None:
        """Queue a scan again that its worker has given back."""
        if row.status == Status.RUNNING:
            row.move_to(Status.QUEUED)

    def give_up(self, row: Scan, cause: Exception) -> None:
        """Fail a scan that was tried too often, with the reason in words."""
        values = {"uri": row.uri, "most_tries": row.attempt}
        if isinstance(cause, WorkerLost):
            why = _(
                "The worker that read %(uri)s died %(most_tries)s times. The table may be too large for its memory.",
                **values,
            )
        elif isinstance(cause, MemoryLimitPassed):
            why = _(
                "Reading %(uri)s takes more than %(limit)s of memory, the most that one table may. Leave out columns "
                "with long texts, split the table, or raise SAGEWRIGHT_READER_MEMORY.",
                uri=row.uri,
                limit=str(cause),
            )
        elif isinstance(cause, TimeLimitPassed):
            why = _("Reading %(uri)s took longer than %(limit)s.", uri=row.uri, limit=str(cause))
        elif isinstance(cause, ReadFailure):
            why = cause.message
        else:
            why = _(
                "Reading %(uri)s failed %(most_tries)s times: %(name)s: %(why)s",
                name=type(cause).__name__,
                why=hide_paths(str(cause)),
                **values,
            )
        row.move_to(Status.FAILED, failure=why, **UNCLAIMED)


SCANNING = ScanWork()


def run(claim: Claim[Scan]) -> None:
    """Read the whole table of a claimed scan. Raises ClaimLost, Unfinished."""
    scan = claim.row
    try:
        source = s3_store.locate(scan.uri)
        s3_store.must_be(source, scan.etag)
        check_slot(source.size, claim)
        progress = Progress(claim, lambda done, total: {"done": done, "total": source.size})
        if scan.status == Status.QUEUED:
            claim.move_to(Status.RUNNING)
        progress.show(0, source.size)
        recipe = Recipe.from_json(scan.recipe)
        validation = s3_store.locate(recipe.validation_uri) if recipe.validation_uri else None
        with whole_table(SCANNING, progress) as table:
            profile = table.scan(source, recipe, validation)
    except aws.Unavailable as e:
        raise Unfinished(e.english, counted=False, delay=AWAY) from e
    except ReadFailure:
        raise  # unforeseen: tried again before it is given up
    except Problem as e:
        claim.move_to(Status.FAILED, failure=e.message, **UNCLAIMED)
        return
    claim.move_to(Status.DONE, profile=profile.as_json(), done=source.size, **UNCLAIMED)


def sweep() -> None:
    """Forget scans that nobody can need any more: the table is read again in a minute."""
    ended = Scan.objects.filter(status__in=(Status.DONE, Status.FAILED, Status.CANCELLED))
    ended.filter(status_since__lt=now() - KEEP_DONE).delete()
    ended.exclude(status=Status.DONE).filter(status_since__lt=now() - KEEP_OTHERS).delete()
