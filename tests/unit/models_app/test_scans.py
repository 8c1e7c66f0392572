"""A table is read in full once for all who ask, whatever happens to the worker that reads it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now

import tables
from models_app import aws, tasks
from models_app.aws import s3_store
from models_app.data import scans
from models_app.models import Scan
from models_app.sync import reconcile
from models_app.work import read_slots
from tables import Recipe

TABLE = "age,churned\n" + "".join(f"{20 + i % 40},{i % 2}\n" for i in range(500))


@pytest.fixture
def alice(transactional_db) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def scan(alice, put) -> Scan:
    """Alice's scan of a real table in a real store, not begun."""
    uri = put(TABLE)
    return scans.start(alice, uri, s3_store.locate(uri).etag, Recipe(target="churned"))


def died(scan: Scan) -> None:
    """As if the worker that reads had gone without a word a minute ago."""
    Scan.objects.filter(pk=scan.pk).update(claimed_until=now() - timedelta(minutes=1))
    scan.refresh_from_db()


def test_a_table_is_read(scan):
    assert (scan.status, scan.total) == ("Queued", 0)
    scans.run(scan)
    assert (scan.status, scan.failure) == ("Done", "")
    scan.refresh_from_db()
    assert scan.done == scan.total == len(TABLE) and scan.claimed_until is None
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
    scans.run(scan)
    assert scan.status == "Cancelled"
    again = scans.start(alice, scan.uri, scan.etag, Recipe.from_json(scan.recipe))
    assert again.status == "Queued" and Scan.objects.get() == again


def test_a_cancel_ends_the_read_between_two_blocks(scan, monkeypatch):
    monkeypatch.setattr(scans, "TOLD", 0)
    blocks = []

    def read(source, recipe, step, validation):
        for block in range(10):
            blocks.append(block)
            if block == 3:
                scans.cancel(Scan.objects.get(pk=scan.pk))
            step(block, 10)

    monkeypatch.setattr(tables, "scan", read)
    scans.run(scan)
    assert blocks == [0, 1, 2, 3]
    assert Scan.objects.get().status == "Cancelled"


def test_one_worker_at_a_time_has_the_claim(scan):
    assert scans._claim(scan)
    assert not scans._claim(Scan.objects.get())
    assert Scan.objects.get().attempts == 1


def test_another_worker_takes_over_from_a_dead_one(scan):
    assert scans._claim(scan)
    assert scan.pk not in scans.overdue(reconcile.GRACE)
    died(scan)
    assert ("data.scan_table", scan.pk) in reconcile.overdue()
    second = Scan.objects.get()
    assert scans._claim(second) and second.attempts == 2
    with pytest.raises(scans.Withdrawn):  # the first was merely slow; it finds out at its next word
        scans._renew(scan, done=1)
    scans._renew(second, done=2)
    assert Scan.objects.get().done == 2


def test_a_table_that_kills_its_workers_is_given_up(scan):
    for _ in range(scans.MOST_TRIES):
        assert scans._claim(Scan.objects.get())
        died(scan)
    scans.run(scan)
    assert scan.status == "Failed" and "died 3 times" in scan.failure


def test_a_replaced_table_is_not_read(scan, put):
    put(TABLE + "99,1\n", scan.uri.rpartition("/")[2])  # another table of the same name in another bucket
    aws.client("s3").put_object(Bucket=scan.uri.split("/")[2], Key="table.csv", Body=b"a,b\n1,2\n")
    scans.run(scan)
    assert scan.status == "Failed" and "was replaced at" in scan.failure


def test_a_lost_message_is_made_good(scan):
    Scan.objects.update(status_since=now() - reconcile.GRACE * 2)
    assert ("data.scan_table", scan.pk) in reconcile.overdue()
    tasks.data.scan_table(scan.pk)
    assert Scan.objects.get().status == "Done"


def test_large_tables_wait_for_a_place_and_small_ones_do_not(scan, settings, monkeypatch):
    settings.READERS = 2
    for number in range(2):
        Scan.objects.create(
            uri="s3://b/big.csv",
            key=f"big-{number}",
            owner=scan.owner,
            status="Running",
            total=read_slots.LARGE * 3,
            claimed_until=now() + scans.LEASE,
        )
    assert read_slots.is_free(read_slots.LARGE, scan) and not read_slots.is_free(read_slots.LARGE + 1, scan)
    monkeypatch.setattr(read_slots, "LARGE", 100)
    scans.run(scan)
    assert (scan.status, scan.attempts) == ("Queued", 0)
    died(Scan.objects.get(key="big-1"))
    scans.run(scan)
    assert scan.status == "Done"


def test_old_scans_are_swept_away(scan):
    fields = {"uri": scan.uri, "owner": scan.owner}
    old = now() - timedelta(days=2)
    Scan.objects.create(key="kept", status="Done", status_since=old, **fields)
    Scan.objects.create(key="failed", status="Failed", status_since=old, **fields)
    Scan.objects.create(key="old", status="Done", status_since=now() - timedelta(days=8), **fields)
    scans.sweep()
    assert set(Scan.objects.values_list("key", flat=True)) == {"kept", scan.key}
