"""A table is read in full once for all who ask, whatever happens to the worker that reads it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy
import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.utils.timezone import now

import tables
from common.db import queue
from common.db.claim import ClaimLost, Unfinished, worker_name
from models_app import aws, tasks
from models_app.aws import s3_store
from models_app.data import scans
from models_app.data.scans import SCANNING
from models_app.models import Scan
from models_app.sync.reconcile import repeat_overdue
from models_app.work import table_work
from models_app.work.whole_table import WholeTable
from tables import Recipe
from tests.wire.conftest import transactional_db, warm_tables, written_tables

__all__ = ["transactional_db", "warm_tables", "written_tables"]
TABLE = "age,churned\n" + "".join(f"{20 + i % 40},{i % 2}\n" for i in range(500))


@pytest.fixture
def alice(transactional_db, warm_tables) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def scan(alice, put) -> Scan:
    """Alice's scan of a real table in a real store, not begun."""
    uri = put(TABLE)
    return scans.start(alice, uri, s3_store.locate(uri).etag, Recipe(target="churned"))


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """Scans that the readers were asked about, their queue being empty."""
    rows: list[int] = []
    cache.clear()
    monkeypatch.setattr(type(SCANNING), "send", lambda self, pk, delay=0.0: rows.append(pk) or True)
    monkeypatch.setattr(queue, "message_count", lambda name: 0)
    return rows


def read(scan: Scan) -> None:
    """Let a worker do what waits for it."""
    SCANNING.perform(scan.pk)
    scan.refresh_from_db()


def died(scan: Scan) -> None:
    """As if the worker that reads had gone without a word a minute ago."""
    Scan.objects.filter(pk=scan.pk).update(heartbeat=now() - timedelta(minutes=1))
    scan.refresh_from_db()


def test_a_table_is_read(scan):
    assert (scan.status, scan.total) == ("Queued", 0)
    read(scan)
    assert (scan.status, scan.failure) == ("Done", "")
    assert scan.done == scan.total == len(TABLE) and (scan.worker, scan.heartbeat) == ("", None)
    profile = tables.profile.Profile.from_json(scan.profile)
    assert (profile.rows, profile.complete, [c.name for c in profile.columns]) == (500, True, ["age", "churned"])


def test_all_who_ask_for_the_same_share_one(scan, alice):
    bob = User.objects.create_user("bob")
    same = Recipe(target="churned", validation_share=0.3, seed=7)
    assert scans.start(bob, scan.uri, scan.etag, same) == scan
    assert scans.find(scan.uri, scan.etag, same) == scan
    other = Recipe(target="churned", delimiter=";")
    assert scans.start(bob, scan.uri, scan.etag, other) != scan
    assert scans.start(bob, scan.uri, "another-etag", same) != scan


def test_a_cancelled_scan_stays_cancelled_until_it_is_asked_for_again(scan, alice):
    scans.cancel(scan)
    read(scan)
    assert scan.status == "Cancelled"
    again = scans.start(alice, scan.uri, scan.etag, Recipe.from_json(scan.recipe))
    assert again.status == "Queued" and Scan.objects.get() == again


def test_a_scan_that_another_has_deleted_is_cancelled_without_an_error(scan, alice):
    old = Scan.objects.get(pk=scan.pk)
    scans.cancel(scan)
    scans.start(alice, scan.uri, scan.etag, Recipe.from_json(scan.recipe))  # makes it anew
    scans.cancel(old)
    assert not old.move_to("Cancelled")
    assert Scan.objects.get().status == "Queued"


def test_a_cancel_ends_the_read_between_two_blocks(scan, monkeypatch):
    monkeypatch.setattr(table_work, "SHOW", 0)
    blocks = []

    def blockwise(table, source, recipe, validation):
        for block in range(10):
            blocks.append(block)
            if block == 3:
                scans.cancel(Scan.objects.get(pk=scan.pk))
            table._progress(block, 10)

    monkeypatch.setattr(WholeTable, "scan", blockwise)
    read(scan)
    assert blocks == [0, 1, 2, 3]
    assert Scan.objects.get().status == "Cancelled"


def test_another_worker_takes_over_from_a_dead_one(scan, sent):
    first = SCANNING.take(scan.pk)
    first.move_to("Running")
    assert SCANNING.take(scan.pk) is None
    repeat_overdue()
    assert sent == []
    died(scan)
    repeat_overdue()
    assert sent == [scan.pk]
    assert (Scan.objects.get().status, Scan.objects.get().attempt) == ("Queued", 1)
    read(scan)
    assert (scan.status, scan.attempt) == ("Done", 2)
    with pytest.raises(ClaimLost):  # the first was merely slow
        first.update(done=1)


def test_a_table_that_kills_its_workers_is_given_up(scan):
    for _ in range(SCANNING.max_attempts):
        assert SCANNING.take(scan.pk)
        died(scan)
    read(scan)
    assert scan.status == "Failed" and "died 3 times" in scan.failure


def test_a_table_that_nobody_can_read_is_given_up_with_the_reason(scan, monkeypatch):
    monkeypatch.setattr(WholeTable, "scan", lambda *_: 1 / 0)
    for _ in range(SCANNING.max_attempts):
        read(scan)
    assert scan.status == "Failed" and scan.failure.endswith("failed 3 times: ZeroDivisionError: division by zero")


def instead(function: str, *args: object):
    """A scan whose process calls `function`, as that of a table which has taken it over may."""
    return lambda table, source, *_: table._call(tables.Profile, source.uri, function, *args)


@pytest.mark.parametrize(
    ("function", "args", "why"),
    [
        ("os:abort", (), "signal SIGABRT"), ("os:_exit", (7,), "exit code 7"),
        ("tables.isolated_process:_send", (None, "x", 1), "AttributeError"), ("os:getpid", (), "of the type int"),
    ],
    ids=["dies", "ends", "raises", "answers something else"],
)  # fmt: skip
def test_a_table_that_ends_its_process_is_given_up_with_the_reason(scan, monkeypatch, function, args, why):
    monkeypatch.setattr(WholeTable, "scan", instead(function, *args))
    for attempt in range(SCANNING.max_attempts):
        assert (scan.status, scan.attempt) == ("Queued", attempt)
        read(scan)
    assert (scan.status, scan.worker) == ("Failed", "")
    assert scan.uri in scan.failure and why in scan.failure


def test_a_table_that_takes_too_much_memory_is_given_up_at_once_and_its_worker_lives(scan, monkeypatch, settings):
    monkeypatch.setattr(WholeTable, "scan", instead("numpy:ones", 2**29))
    monkeypatch.setattr(s3_store.whole_tables, "_memory", 2**30)
    settings.READER_MEMORY = 2**30
    held = numpy.ones(2**27)  # 1 GiB of the worker's own, which is none of the table's
    read(scan)
    assert held.any() and (scan.status, scan.worker, scan.attempt) == ("Failed", "", 1)
    assert "takes more than 1 GiB of memory, the most that one table may." in scan.failure


def test_a_cancel_ends_a_read_that_says_nothing(scan, monkeypatch, settings):
    settings.CLAIM_HEARTBEAT = 0.1
    monkeypatch.setattr(WholeTable, "scan", instead("time:sleep", 60))
    threading.Timer(1, lambda: (scans.cancel(Scan.objects.get(pk=scan.pk)), connection.close())).start()
    began = time.monotonic()
    read(scan)
    assert scan.status == "Cancelled" and time.monotonic() - began < 30


def test_a_table_that_takes_for_ever_is_given_up(scan):
    SCANNING.take(scan.pk)
    Scan.objects.update(work_started=now() - timedelta(seconds=table_work.TIME_LIMIT + 1))
    died(scan)
    SCANNING.release_stale()
    scan.refresh_from_db()
    assert scan.status == "Failed" and scan.failure.endswith("took longer than 6:00:00.")


def test_a_store_that_is_away_costs_no_attempt(scan, sent, monkeypatch):
    def away(uri):
        raise aws.Unavailable("S3 is away")

    monkeypatch.setattr(s3_store, "locate", away)
    read(scan)
    assert (scan.status, scan.worker, scan.attempt, sent) == ("Queued", "", 0, [scan.pk])
    assert scan.work_started, "the time limit counts on"


def test_a_replaced_table_is_not_read(scan, put):
    put(TABLE + "99,1\n", scan.uri.rpartition("/")[2])  # another table of the same name in another bucket
    aws.client("s3").put_object(Bucket=scan.uri.split("/")[2], Key="table.csv", Body=b"a,b\n1,2\n")
    read(scan)
    assert scan.status == "Failed" and "was replaced at" in scan.failure


def test_a_lost_message_is_made_good(scan, sent):
    Scan.objects.update(status_since=now() - timedelta(seconds=10))
    repeat_overdue()
    assert sent == [scan.pk]
    tasks.data.scan_table(scan.pk)
    assert Scan.objects.get().status == "Done"


def test_large_tables_leave_a_process_to_small_ones(scan, settings, monkeypatch, sent):
    settings.READER_CONCURRENCY = 3
    for number in range(2):
        Scan.objects.create(
            uri="s3://b/big.csv",
            key=f"big-{number}",
            owner=scan.owner,
            status="Running",
            total=table_work.LARGE * 3,
            worker=worker_name(),
            heartbeat=now(),
        )
    claim = SCANNING.take(scan.pk)
    table_work.check_slot(table_work.LARGE, claim)
    with pytest.raises(Unfinished):
        table_work.check_slot(table_work.LARGE + 1, claim)
    Scan.objects.filter(pk=scan.pk).update(worker="", attempt=0, work_started=None)
    monkeypatch.setattr(table_work, "LARGE", 100)
    read(scan)
    assert (scan.status, scan.attempt, scan.work_started, sent) == ("Queued", 0, None, [scan.pk])
    Scan.objects.filter(key="big-1").update(worker="elsewhere:1:x")
    read(scan)
    assert scan.status == "Done"


WIDE = 1001  # columns


def test_a_wide_table_that_is_long_between_two_blocks_keeps_its_worker(alice, put, settings, monkeypatch):
    """Real work on 1,001 columns, with a reader that says nothing of itself for longer than the lease."""
    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.2, 6.0
    columns = [f"c{i}" for i in range(WIDE - 1)]
    rows = (",".join(str((i * j) % 97 / 7) for j in range(WIDE - 1)) + f",{i % 2}\n" for i in range(60))
    uri = put(",".join([*columns, "y"]) + "\n" + "".join(rows))
    scan = scans.start(alice, uri, s3_store.locate(uri).etag, Recipe(target="y"))
    real = WholeTable.scan

    def slow(*arguments):
        time.sleep(7)
        return real(*arguments)

    monkeypatch.setattr(WholeTable, "scan", slow)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: (SCANNING.perform(scan.pk), connection.close()))
        others = 0
        while not done.done():
            others += SCANNING.release_stale()
            time.sleep(0.1)
        done.result()
    scan.refresh_from_db()
    assert (scan.status, scan.attempt, others) == ("Done", 1, 0)
    assert tables.profile.Profile.from_json(scan.profile).rows == 60


def test_old_scans_are_swept_away(scan):
    fields = {"uri": scan.uri, "owner": scan.owner}
    old = now() - timedelta(days=2)
    Scan.objects.create(key="kept", status="Done", status_since=old, **fields)
    Scan.objects.create(key="failed", status="Failed", status_since=old, **fields)
    Scan.objects.create(key="old", status="Done", status_since=now() - timedelta(days=8), **fields)
    scans.sweep()
    assert set(Scan.objects.values_list("key", flat=True)) == {"kept", scan.key}
