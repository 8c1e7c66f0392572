"""One worker at a time has a row, for as long as it is alive and no longer than the kind of work allows."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy
import polars
import pytest
from django.db import DatabaseError, OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from common.db import shutdown
from common.db.claim import UNCLAIMED, ClaimLost, Unfinished
from common.db.heartbeat import Heartbeat
from common.db.work import MemoryLimitPassed
from engine.models import TrainingJob


def fresh(row) -> TrainingJob:
    row.refresh_from_db()
    return row


def silence(row, seconds: float = 60) -> None:
    """As if the worker had sent nothing for so long."""
    TrainingJob.objects.filter(pk=row.pk).update(heartbeat=Now() - timedelta(seconds=seconds))


def test_the_second_of_two_workers_loses_quietly(row, work):
    first = work.take(row.pk)
    assert first and work.take(row.pk) is None
    assert (fresh(row).worker, row.attempt) == (first.worker, 1)


def test_of_many_at_once_one_gets_the_row(row, work, settings):
    settings.CLAIM_LEASE = 60.0  # a busy machine may take longer than the row's for all of them

    def take(_):
        try:
            return work.take(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claims = [claim for claim in pool.map(take, range(24)) if claim]
    assert len(claims) == 1 and fresh(row).attempt == 1


def test_a_lost_claim_can_write_nothing(row, work):
    claim = work.take(row.pk)
    TrainingJob.objects.update(worker="somebody else")
    for write in (lambda: claim.update(secondary_status="x"), lambda: claim.move_to("Completed"), claim.check):
        with pytest.raises(ClaimLost):
            write()
    assert work.release(claim, True, Unfinished("")) is False
    assert (fresh(row).status, row.secondary_status, row.worker) == ("InProgress", "Starting", "somebody else")


def test_a_withdrawn_row_is_lost_to_its_worker(row, work):
    claim = work.take(row.pk)
    assert fresh(row).move_to("Stopped", **UNCLAIMED)
    with pytest.raises(ClaimLost):
        claim.update(secondary_status="x")


def test_a_silent_worker_loses_the_row_and_a_live_one_does_not(row, work):
    work.take(row.pk)
    silence(row, 0.5)
    assert work.release_stale() == 0 and work.take(row.pk) is None
    silence(row, 1.5)
    assert work.release_stale() == 1 and work.sent == [(row.pk, 0.0)]
    assert (fresh(row).worker, row.attempt) == ("", 1)
    assert work.take(row.pk).row.attempt == 2
    silence(row, 1.5)
    assert work.take(row.pk).row.attempt == 3, "a message alone is enough"


def test_a_row_that_kills_its_workers_is_given_up(row, work):
    for _ in range(work.max_attempts):
        assert work.take(row.pk)
        silence(row)
    assert work.take(row.pk) is None
    assert (fresh(row).status, row.failure_reason) == ("Failed", "WorkerLost: attempt 3")
    assert row.worker == "" and row.heartbeat is None


def test_machines_need_not_agree_on_the_time(row, work, monkeypatch):
    first = work.take(row.pk)
    for wrong in (-7200, 7200):
        real = time.time()
        with monkeypatch.context() as clock:
            clock.setattr(time, "time", lambda wrong=wrong, real=real: real + wrong)
            clock.setattr("django.utils.timezone.now", lambda wrong=wrong: now() + timedelta(seconds=wrong))
            assert work.take(row.pk) is None and work.release_stale() == 0
    TrainingJob.objects.update(work_started=F("work_started") - timedelta(seconds=100))
    work.release(first, False, Unfinished(""))
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: 0.0)
        claim = work.take(row.pk)
    assert 100 <= time.monotonic() - claim.first_start < 110


def test_the_time_limit_counts_from_the_first_start(row, work):
    work.limit = 100
    first = work.take(row.pk)
    begun = fresh(row).work_started
    TrainingJob.objects.update(work_started=begun - timedelta(seconds=70))
    silence(row)
    second = work.take(row.pk)
    assert first.deadline - time.monotonic() > 90 and 20 < second.deadline - time.monotonic() <= 30
    assert fresh(row).work_started == begun - timedelta(seconds=70)
    TrainingJob.objects.update(work_started=begun - timedelta(seconds=101))
    silence(row)
    assert work.take(row.pk) is None
    assert (fresh(row).status, row.failure_reason) == ("Failed", "TimeLimitPassed: 0:01:40")


BUSY = {
    "Polars": lambda: [
        polars.DataFrame(numpy.random.default_rng(0).random((400_000, 8))).sort("column_0") for _ in "abc"
    ],
    "Python": lambda: sum(i * i for i in range(20_000_000)),
    "waiting": lambda: time.sleep(1.5),
}


@pytest.mark.parametrize("busy", BUSY)
def test_a_busy_worker_keeps_its_row(row, work, does, busy, settings):
    """The work says nothing of itself for longer than the lease; another worker tries to take the row all the while."""
    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.2, 3.0

    def action(claim):
        began = time.monotonic()
        while time.monotonic() - began < 4.5:
            BUSY[busy]()
        claim.check()
        claim.move_to("Completed", **UNCLAIMED)

    does(action)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: (work.perform(row.pk), connection.close()))
        while not done.done():
            if fresh(row).worker:
                assert work.take(row.pk) is None
            time.sleep(0.1)
        done.result()
    assert (fresh(row).status, row.attempt) == ("Completed", 1)


def test_a_worker_that_hangs_loses_the_row_when_the_time_limit_passes(row, work, does):
    work.limit = 1.0

    def hang(claim):
        give_up = time.monotonic() + 20
        while fresh(row).status == "InProgress" and time.monotonic() < give_up:
            work.release_stale()
            time.sleep(0.1)
        claim.move_to("Completed")

    does(hang)
    began = time.monotonic()
    work.perform(row.pk)
    assert (fresh(row).status, row.failure_reason) == ("Failed", "TimeLimitPassed: 0:00:01")
    assert time.monotonic() - began > work.limit


def test_work_past_its_time_limit_is_told_that_it_lost_the_row(row, work, does):
    work.limit = 0.2
    after = []

    def action(claim):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            claim.check()
            time.sleep(0.02)
        after.append("went on")

    does(action)
    work.perform(row.pk)
    silence(row)
    assert work.release_stale() == 0 and after == []
    assert (fresh(row).status, row.failure_reason) == ("Failed", "TimeLimitPassed: 0:00:00.200000")


def test_a_row_that_cannot_be_released_holds_up_no_other(row, work, caplog):
    other = TrainingJob.objects.create(region="us-east-1", name="b", request={})
    for each in (row, other):
        work.take(each.pk)
        silence(each)
    TrainingJob.objects.filter(pk=row.pk).update(status="Completed", attempt=work.max_attempts)
    assert work.release_stale() == 1 and work.sent == [(other.pk, 0.0)]
    assert fresh(other).worker == "" and "cannot go from Completed to Failed" in caplog.text


def test_many_silent_workers_cost_few_transactions(row, work):
    """On a database with a journal it is the commit that takes time."""
    names = [f"silent-{i}" for i in range(250)]
    TrainingJob.objects.bulk_create(
        [TrainingJob(region="us-east-1", name=name, request={}, worker=name, attempt=1) for name in names]
    )
    with CaptureQueriesContext(connection) as queries:
        assert work.release_stale() == len(names) == len(work.sent)
    commits = [query for query in queries if query["sql"].startswith("COMMIT")]
    assert len(commits) == 3 and len(queries) < 5 * len(names)
    assert not TrainingJob.objects.exclude(worker="").exists()


def test_the_heartbeat_tells_the_worker_what_became_of_the_row(row, work, does):
    observed = []

    def action(claim):
        for status, change in (("Stopping", {"status": "Stopping"}), ("lost", {"worker": "another"})):
            TrainingJob.objects.filter(pk=row.pk).update(**change)
            give_up = time.monotonic() + 10
            while claim.status != "Stopping" or (status == "lost" and not claim.lost.is_set()):
                assert time.monotonic() < give_up
                time.sleep(0.02)
            observed.append(status)
        claim.check()

    does(action)
    work.perform(row.pk)
    assert observed == ["Stopping", "lost"] and (fresh(row).worker, row.status) == ("another", "Stopping")


@pytest.mark.parametrize("error", [OperationalError, DatabaseError, RuntimeError])
def test_a_database_that_is_away_for_a_moment_costs_no_claim(row, work, monkeypatch, error):
    claim = work.take(row.pk)

    def away():
        raise error("away")

    with monkeypatch.context() as database:
        database.setattr(claim, "rows", away)
        assert Heartbeat(claim)._beat() is True
    assert Heartbeat(claim)._beat() is True and not claim.lost.is_set()


def test_no_thread_and_no_connection_is_left(row, work, does):
    does(lambda claim: time.sleep(0.2))
    before = threading.active_count()
    work.perform(row.pk)
    assert threading.active_count() == before


def test_unfinished_work_goes_back(row, work, does):
    def unavailable(claim):
        raise Unfinished("S3 is away", counted=False, delay=3.0)

    does(unavailable)
    work.perform(row.pk)
    assert (fresh(row).worker, row.attempt, row.status) == ("", 0, "InProgress")
    assert work.sent == [(row.pk, 3.0)]


def test_a_worker_that_shuts_down_gives_the_row_back_uncounted(row, work, does, monkeypatch):
    def action(claim):
        monkeypatch.setattr(shutdown, "requested", lambda: True)
        claim.check()

    does(action)
    work.perform(row.pk)
    assert (fresh(row).worker, row.attempt, work.sent) == ("", 0, [(row.pk, 0.0)])
    assert row.work_started, "the time limit counts on"


def test_work_that_fails_is_tried_again_and_given_up_with_the_reason(row, work, does, caplog):
    does(lambda claim: 1 / 0)
    for attempt in range(1, work.max_attempts):
        work.perform(row.pk)
        assert (fresh(row).worker, row.attempt, row.status) == ("", attempt, "InProgress")
    work.perform(row.pk)
    assert (row.attempt, fresh(row).status) == (2, "Failed")
    assert row.failure_reason == "ZeroDivisionError: division by zero"
    assert work.sent == [], "reconcile sends it again, with a pause"


def test_a_row_that_is_abandoned_is_given_up_on_the_first_attempt(work, row):
    claim = work.take(row.pk)
    work.abandon(claim, MemoryLimitPassed("2 GiB"))
    row.refresh_from_db()
    assert (row.status, row.failure_reason, row.worker) == ("Failed", "MemoryLimitPassed: 2 GiB", "")
    work.abandon(claim, MemoryLimitPassed("2 GiB"))  # repeatable: the claim is lost by now
