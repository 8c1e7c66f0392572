"""What can be done to a scan, the full read of a table for the Create model page: start, run, cancel, sweep away."""

import hashlib
import json
import logging
import time
from datetime import timedelta

from django.db import IntegrityError, close_old_connections, transaction
from django.db.models import F, Q
from django.utils.timezone import now

import tables
from common.messages import _
from models_app import aws
from models_app.aws import s3_store
from models_app.models import Scan
from models_app.problems import Problem
from models_app.work import read_slots
from models_app.work.enqueue import enqueue
from tables import Recipe

Status = Scan.Status
LEASE = timedelta(seconds=30)  # without a word from the worker that reads, another one may start over
TOLD = 1.0  # seconds between two words of progress
MOST_TRIES = 3  # workers may die of the very table
KEPT = timedelta(days=7)
SHORTLY = timedelta(days=1)  # how long one is kept that found nothing
# What of a recipe changes what a scan finds; the rest is decided later.
READING = ("has_header", "delimiter", "encoding", "types", "numbers", "target", "validation_uri")
log = logging.getLogger(__name__)


class Withdrawn(Exception):
    """The scan was cancelled or taken over while the table was being read."""


def key_of(uri: str, etag: str, recipe: Recipe) -> str:
    """Two who ask for the same version of a table, read the same way, share one scan."""
    how = {name: value for name, value in recipe.as_json().items() if name in READING}
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
                scan, made = Scan.objects.get_or_create(
                    key=key, defaults={"uri": uri, "etag": etag, "recipe": recipe.as_json(), "owner": user}
                )
        except IntegrityError:  # made by another in this very moment
            scan, made = Scan.objects.get(key=key), False
        if made:
            enqueue("data.scan_table", scan.pk)
    return scan


def cancel(scan: Scan) -> None:
    """End `scan`, whether it runs or waits. Repeatable; a finished one stays as it is."""
    while scan.status in (Status.QUEUED, Status.RUNNING):
        scan.move_to(Status.CANCELLED, claimed_until=None)


def run(scan: Scan) -> None:
    """Read the whole table of `scan`. Repeatable: one worker at a time has the claim, and a dead one loses it."""
    if not _claim(scan):
        return
    told = time.monotonic()

    def step(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > TOLD:
            told = time.monotonic()
            _renew(scan, done=done, total=total)

    try:
        source = s3_store.locate(scan.uri)
        s3_store.must_be(source, scan.etag)
        if not read_slots.is_free(source.size, scan):
            _let_go(scan)
            return
        _renew(scan, done=0, total=source.size)
        recipe = Recipe.from_json(scan.recipe)
        validation = s3_store.locate(recipe.validation_uri) if recipe.validation_uri else None
        profile = tables.scan(source, recipe, step, validation)
        _renew(scan, done=source.size)
    except Withdrawn:
        return
    except aws.Unavailable:
        _let_go(scan)
        raise
    except Problem as e:
        scan.move_to(Status.FAILED, failure=e.message, claimed_until=None)
        return
    except Exception as e:
        if scan.attempts < MOST_TRIES:
            raise  # the claim runs out, and reconcile starts it again
        log.exception("reading %s", scan.uri)
        why = _(
            "Reading %(uri)s failed %(most_tries)s times: %(name)s: %(why)s",
            uri=scan.uri,
            most_tries=MOST_TRIES,
            name=type(e).__name__,
            why=e,
        )
        scan.move_to(Status.FAILED, failure=why, claimed_until=None)
        return
    scan.move_to(Status.DONE, profile=profile.as_json(), claimed_until=None)
    hurry_next()


def _claim(scan: Scan) -> bool:
    rows = Scan.objects.filter(pk=scan.pk)
    dead = rows.filter(status=Status.RUNNING, claimed_until__lte=now())
    if dead.filter(attempts__gte=MOST_TRIES).exists():
        why = _(
            "The worker that read %(uri)s died %(most_tries)s times. The table may be too large for its memory.",
            uri=scan.uri,
            most_tries=MOST_TRIES,
        )
        scan.refresh_from_db()
        scan.move_to(Status.FAILED, failure=why, claimed_until=None)
        return False
    ours = bool(dead.update(attempts=F("attempts") + 1, claimed_until=now() + LEASE))
    scan.refresh_from_db()
    if ours or scan.status != Status.QUEUED:
        return ours
    return scan.move_to(Status.RUNNING, attempts=scan.attempts + 1, claimed_until=now() + LEASE)


def _renew(scan: Scan, **told: int) -> None:
    close_old_connections()
    ours = Scan.objects.filter(pk=scan.pk, status=Status.RUNNING, attempts=scan.attempts)
    if not ours.update(claimed_until=now() + LEASE, **told):
        raise Withdrawn
    scan.changed()


def _let_go(scan: Scan) -> None:
    """Back into the queue; it was no try."""
    scan.move_to(Status.QUEUED, attempts=max(0, scan.attempts - 1), claimed_until=None)


def hurry_next() -> None:
    """A place may be free again: wake the scan that waits longest."""
    if waiting := Scan.objects.filter(status=Status.QUEUED).order_by("created").first():
        enqueue("data.scan_table", waiting.pk, expires=15)


def overdue(grace: timedelta) -> list[int]:
    """Scans that nobody reads although somebody should."""
    queued = Q(status=Status.QUEUED, status_since__lte=now() - grace)
    return list(
        Scan.objects.filter(queued | Q(status=Status.RUNNING, claimed_until__lte=now())).values_list("pk", flat=True)
    )


def sweep() -> None:
    """Forget scans that nobody can need any more: the table is read again in a minute."""
    ended = Scan.objects.filter(status__in=(Status.DONE, Status.FAILED, Status.CANCELLED))
    ended.filter(status_since__lt=now() - KEPT).delete()
    ended.exclude(status=Status.DONE).filter(status_since__lt=now() - SHORTLY).delete()
